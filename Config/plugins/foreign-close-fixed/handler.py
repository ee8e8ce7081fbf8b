"""Has asyncio.run() make a loop, and close it."""

import asyncio


async def lookup(key):
    await asyncio.sleep(0)
    return {"key": key, "found": True}


def handler(event, context):
    return asyncio.run(lookup(event.get("key", "a")))
