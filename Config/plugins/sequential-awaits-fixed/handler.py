"""Takes as long as the slower shop."""

import asyncio


async def price(shop):
    await asyncio.sleep(0.01)
    return len(shop)


async def order(shop, amount):
    await asyncio.sleep(0.01)
    return "{}: {}".format(shop, amount)


async def lines(reader):
    first = await reader.readline()
    second = await reader.readline()  # of the same stream, so after the first
    return [first, second]


async def handler(event, context):
    near, far = await asyncio.gather(price("near"), price("far away"))
    confirmed = await order("near", near + far)  # needs both
    reader = asyncio.StreamReader()
    reader.feed_data(b"1\n2\n")
    return [confirmed, len(await lines(reader))]
