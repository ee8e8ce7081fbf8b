# info: deprecated-api
"""Callbacks that may be coroutine functions or not, told apart before and after the call."""

import asyncio
import inspect


def plain(number):
    return number + 1


async def coroutine(number):
    await asyncio.sleep(0)
    return number + 2


async def call(callback, number):
    if asyncio.iscoroutinefunction(callback):
        return await callback(number)
    result = callback(number)
    return await result if inspect.isawaitable(result) else result


async def handler(event, context):
    return [await call(callback, 1) for callback in (plain, coroutine, lambda number: coroutine(number))]
