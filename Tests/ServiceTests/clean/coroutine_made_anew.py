# host: bare
"""Tries again with a new coroutine each time, and keeps results, functions and finished tasks, never coroutines."""

import asyncio
import functools

_cache = {}


async def load(key):
    await asyncio.sleep(0)
    return {"key": key}


@functools.lru_cache(maxsize=None)
def loader(key):
    return functools.partial(load, key)


def cached(function):
    @functools.wraps(function)
    async def wrapper(key):
        if key not in _cache:
            _cache[key] = await function(key)
        return _cache[key]

    return wrapper


@cached
async def settings(key):
    return await load(key)


async def tried(function, times=3):
    for attempt in range(times):
        coroutine = function()
        try:
            if attempt < times - 1:
                raise ConnectionError
            return await coroutine
        except ConnectionError:
            coroutine.close()


async def main():
    return [await tried(loader("a")), await settings("b")]


def handler(event, context):
    return asyncio.run(main())
