"""Gives the coroutine to the service thread's loop, and awaits a future of its own loop for the result."""

import asyncio
import threading

_loop = None


def service_loop():
    global _loop
    if _loop is None:
        _loop = asyncio.new_event_loop()
        threading.Thread(target=_loop.run_forever, name="service-loop", daemon=True).start()
    return _loop


async def measure():
    await asyncio.sleep(0.005)
    return 21


async def handler(event, context):
    result = asyncio.wrap_future(asyncio.run_coroutine_threadsafe(measure(), service_loop()))
    return {"measured": await asyncio.wait_for(result, 1)}
