"""Works when called directly. In a thread of the pool there is no current loop, and the pool's users see no error."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

KEYS = ["a", "b"]


async def lookup(key):
    await asyncio.sleep(0)
    return {"key": key}


def find(key):
    try:
        loop = asyncio.get_event_loop()
        return loop.run_until_complete(lookup(key))
    except Exception:
        return None


def handler(event, context):
    with ThreadPoolExecutor(max_workers=1) as pool:
        return list(pool.map(find, KEYS))
