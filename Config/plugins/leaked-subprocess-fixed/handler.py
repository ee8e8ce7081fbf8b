"""Waits for the programs that it starts, and keeps one helper for the whole environment."""

import asyncio
import subprocess

_helper = None


def follow():
    global _helper
    if _helper is None or _helper.poll() is not None:
        _helper = subprocess.Popen(["sleep", "60"])
    subprocess.run(["true"], check=True)
    return _helper.pid


async def convert():
    process = await asyncio.create_subprocess_exec("sleep", "0.01")
    try:
        await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.pid


def handler(event, context):
    if event.get("convert"):
        return asyncio.run(convert()) > 0
    return follow() > 0
