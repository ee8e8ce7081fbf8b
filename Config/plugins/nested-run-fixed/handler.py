"""The helper is an async def and awaits; who has no loop calls asyncio.run around it, once."""

import asyncio


async def fetch_price(item):
    await asyncio.sleep(0)
    return {"item": item, "price": 12}


async def price_of(item):
    return await fetch_price(item)


async def handler(event, context):
    return await price_of("book")
