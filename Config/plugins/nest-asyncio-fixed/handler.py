"""The helper awaits, so that no loop has to run inside another."""

import asyncio


async def lookup(key):
    await asyncio.sleep(0)
    return {"key": key}


async def find(key):
    return await lookup(key)


async def handler(event, context):
    return await find("a")
