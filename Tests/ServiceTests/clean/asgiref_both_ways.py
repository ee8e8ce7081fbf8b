# requires: asgiref
"""async_to_sync and sync_to_async within each other: the loop waits for a thread that waits for the loop."""

import asyncio

from asgiref.sync import async_to_sync, sync_to_async


async def inner(number):
    await asyncio.sleep(0.001)
    return number * 2


def middle(number):
    return async_to_sync(inner)(number) + 1


async def outer():
    return await asyncio.gather(*(sync_to_async(middle)(number) for number in range(3)))


def handler(event, context):
    return [async_to_sync(outer)(), asyncio.run(outer())]
