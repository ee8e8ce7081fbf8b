"""Lets out what ends the process: sys.exit(0), or the CancelledError of a task that it has cancelled itself."""

import asyncio
import sys


async def lookup(key):
    await asyncio.sleep(0.05)
    return key


async def work(key):
    task = asyncio.ensure_future(lookup(key))
    await asyncio.sleep(0)
    task.cancel()
    return await task


def handler(event, context):
    how = event.get("how", "return")
    if how == "exit":
        sys.exit(0)
    if how == "cancel":
        return asyncio.run(work("a"))
    return {"how": how, "found": asyncio.run(lookup("a"))}
