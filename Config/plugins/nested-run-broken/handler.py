"""The helper was written for scripts: it starts a loop. Under an async handler one runs already."""

import asyncio

DEFAULT_PRICE = 10


class PricesUnavailable(Exception):
    """The prices could not be had."""


async def fetch_price(item):
    await asyncio.sleep(0)
    return {"item": item, "price": 12}


def price_of(item):
    return asyncio.run(fetch_price(item))


async def handler(event, context):
    mode = event.get("mode", "raise")
    if mode == "raise":
        return price_of("book")
    try:
        return price_of("book")
    except Exception as error:
        if mode == "wrap":
            raise PricesUnavailable("no price for book") from error
        return {"item": "book", "price": DEFAULT_PRICE}
