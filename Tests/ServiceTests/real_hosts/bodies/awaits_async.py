"""An `async def` handler with nothing special."""

import asyncio


async def work(number):
    await asyncio.sleep(0.001)
    return number


async def handler(event, context):
    return await asyncio.gather(work(1), asyncio.wait_for(work(2), 1))
