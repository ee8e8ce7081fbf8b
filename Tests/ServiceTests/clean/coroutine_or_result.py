"""Takes what a callback returns for its result, and awaits it where that shows it to be a coroutine."""

import asyncio


def plain(key):
    return {"key": key}


async def coroutine(key):
    await asyncio.sleep(0)
    return {"key": key}


async def look_up(callback):
    found = callback("key")
    try:
        return found["key"]
    except TypeError:
        return (await found)["key"]


async def length_of(callback):
    found = callback("key")
    try:
        return len(found)
    except (TypeError, AttributeError):
        return len(await found)


async def handler(event, context):
    return [await look_up(plain), await look_up(coroutine), await length_of(plain), await length_of(coroutine)]
