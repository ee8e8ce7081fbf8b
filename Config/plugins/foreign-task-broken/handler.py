"""Awaits a task that belongs to the loop of the service thread."""

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
    await asyncio.sleep(0.2)
    return 21


async def start():
    return asyncio.ensure_future(measure())


async def collect(task, mode):
    if mode == "gather":
        await asyncio.gather(asyncio.sleep(0), task)
    elif mode == "wait":
        await asyncio.wait({task}, timeout=0.4)
    elif mode == "wait_for":
        await asyncio.wait_for(task, 1)
    return await task


async def handler(event, context):
    task = asyncio.run_coroutine_threadsafe(start(), service_loop()).result(2)
    try:
        return {"measured": await collect(task, event.get("mode"))}
    except (RuntimeError, ValueError):
        return {"measured": None}
