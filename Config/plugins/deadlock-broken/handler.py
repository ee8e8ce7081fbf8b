"""Waits in the loop's own thread for a coroutine of that loop: it cannot begin before the wait is over."""

import asyncio
import threading


async def lookup(key):
    await asyncio.sleep(0)
    return {"key": key}


def lookup_sync(key, loop, timeout=None):
    future = asyncio.run_coroutine_threadsafe(lookup(key), loop)
    try:
        return future.result(timeout)
    finally:
        future.cancel()


def lookup_in_thread(key, loop):
    def work():
        asyncio.run_coroutine_threadsafe(lookup(key), loop).result()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join()


async def handler(event, context):
    loop = asyncio.get_running_loop()
    mode = event["mode"]
    if mode == "raise":
        return lookup_sync("a", loop, timeout=0.05)
    if mode == "swallow":
        try:
            return lookup_sync("a", loop, timeout=0.05)
        except Exception:
            await asyncio.sleep(0.01)  # only now the lookup gets its turn, to be cancelled
            return None
    if mode == "wrap":
        try:
            return lookup_sync("a", loop, timeout=0.05)
        except Exception as error:
            raise ValueError("no answer") from error
    if mode == "join":
        return lookup_in_thread("a", loop)
    return lookup_sync("a", loop)
