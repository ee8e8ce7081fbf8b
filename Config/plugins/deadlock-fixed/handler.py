"""Awaits where it can, and waits only in another thread than the loop's."""

import asyncio


async def lookup(key):
    await asyncio.sleep(0)
    return {"key": key}


def lookup_sync(key, loop, timeout=None):
    return asyncio.run_coroutine_threadsafe(lookup(key), loop).result(timeout)


async def handler(event, context):
    loop = asyncio.get_running_loop()
    if event["mode"] == "await":
        return await lookup("a")
    if event["mode"] == "wrap":
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(lookup("a"), loop))
    return await loop.run_in_executor(None, lookup_sync, "a", loop, 1)
