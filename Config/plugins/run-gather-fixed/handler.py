"""gather() belongs into a coroutine: there it takes the loop that runs it."""

import asyncio


async def price(shop):
    await asyncio.sleep(0)
    return {"shop": shop, "price": 12}


async def prices():
    return await asyncio.gather(price("north"), price("south"))


def handler(event, context):
    return asyncio.run(prices())
