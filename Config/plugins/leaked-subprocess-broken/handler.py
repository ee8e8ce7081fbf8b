"""Starts programs and answers without waiting for them."""

import asyncio
import subprocess

_tails = []


def follow():
    tail = subprocess.Popen(["sleep", "60"])
    _tails.append(tail)
    return tail.pid


async def convert():
    process = await asyncio.create_subprocess_exec("sleep", "60")
    return process.pid


def handler(event, context):
    if event.get("convert"):
        return asyncio.run(convert()) > 0
    return follow() > 0
