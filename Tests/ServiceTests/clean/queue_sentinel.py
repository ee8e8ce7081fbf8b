"""A producer and a consumer that ends at a sentinel; nobody is cancelled."""

import asyncio


async def produce(queue):
    for number in range(4):
        await queue.put(number)
    await queue.put(None)


async def consume(queue):
    total = 0
    while True:
        number = await queue.get()
        if number is None:
            return total
        total += number


async def handler(event, context):
    queue = asyncio.Queue(2)
    producer = asyncio.ensure_future(produce(queue))
    total = await consume(queue)
    await producer
    return total
