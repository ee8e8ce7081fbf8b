"""Works everywhere today; Python 3.14 warns, and 3.16 no longer has the function."""

import asyncio


async def lookup(key):
    await asyncio.sleep(0)
    return {"key": key}


def call(function, *arguments):
    if asyncio.iscoroutinefunction(function):
        return asyncio.run(function(*arguments))
    return function(*arguments)


def handler(event, context):
    return [call(lookup, "a"), call(len, "abc")]
