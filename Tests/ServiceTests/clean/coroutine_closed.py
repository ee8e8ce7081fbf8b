"""A coroutine that turns out not to be needed is closed instead of awaited."""

import asyncio


async def fetch(key):
    await asyncio.sleep(0)
    return key


async def cached(cache, key, fetching):
    if key in cache:
        fetching.close()
        return cache[key]
    cache[key] = await fetching
    return cache[key]


async def main():
    cache = {}
    return [await cached(cache, "a", fetch("a")) for _ in range(3)]


def handler(event, context):
    return asyncio.run(main())
