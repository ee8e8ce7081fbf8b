"""In a thread asyncio.run makes a loop for the call, and closes it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

KEYS = ["a", "b"]


async def lookup(key):
    await asyncio.sleep(0)
    return {"key": key}


def find(key):
    return asyncio.run(lookup(key))


def handler(event, context):
    with ThreadPoolExecutor(max_workers=1) as pool:
        return list(pool.map(find, KEYS))
