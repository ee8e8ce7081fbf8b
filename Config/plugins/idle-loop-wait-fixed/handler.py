"""A thread runs the loop for the environment's life; other threads may wait for what they hand to it."""

import asyncio
import threading

loop = asyncio.new_event_loop()
threading.Thread(target=loop.run_forever, name="service-loop", daemon=True).start()


async def lookup(key):
    await asyncio.sleep(0)
    return {"key": key}


def handler(event, context):
    return asyncio.run_coroutine_threadsafe(lookup("a"), loop).result(0.5)
