"""Asynchronous generators and comprehensions, run to their ends."""

import asyncio


async def count(to):
    for number in range(to):
        await asyncio.sleep(0)
        yield number


async def handler(event, context):
    total = 0
    async for number in count(4):
        total += number
    return [total, [number async for number in count(3) if number]]
