"""A coroutine that waits for a third of a second without blocking anything."""

import asyncio


async def handler(event, context):
    await asyncio.gather(*(asyncio.sleep(0.3) for _ in range(3)))
