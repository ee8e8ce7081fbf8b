"""One asyncio.run around all of the work."""

import asyncio


async def count(items):
    await asyncio.sleep(0)
    return len(items)


async def lookup(key):
    await asyncio.sleep(0)
    return {"key": key}


async def work():
    return [await count(["a", "b"]), await lookup("a")]


def handler(event, context):
    return asyncio.run(work())
