"""Blocking work in the default executor, which the loop's owner shuts down."""

import asyncio
import time


def slow():
    time.sleep(0.15)
    return "slept"


async def main():
    return await asyncio.get_running_loop().run_in_executor(None, slow)


def handler(event, context):
    return asyncio.run(main())
