"""A task runs in the background while something else is done, and is awaited before the answer."""

import asyncio


async def refresh(cache):
    await asyncio.sleep(0.003)
    cache["fresh"] = True


async def handler(event, context):
    cache = {}
    refreshing = asyncio.ensure_future(refresh(cache))
    await asyncio.sleep(0.001)
    await refreshing
    return cache
