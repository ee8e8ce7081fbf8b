"""An async def, run by whoever calls it."""

import asyncio


async def handler(event, context):
    values = await asyncio.gather(*(asyncio.sleep(0.001, number) for number in range(5)))
    return sum(values)
