"""Takes as long as both shops together."""

import asyncio


async def price(shop):
    await asyncio.sleep(0.01)
    return len(shop)


async def handler(event, context):
    near = await price("near")
    far = await price("far away")
    return near + far
