"""Exceptions in tasks that gather hands over as values."""

import asyncio


async def fail(number):
    await asyncio.sleep(0)
    if number % 2:
        raise ValueError(number)
    return number


async def handler(event, context):
    results = await asyncio.gather(*(fail(number) for number in range(4)), return_exceptions=True)
    return [str(result) for result in results]
