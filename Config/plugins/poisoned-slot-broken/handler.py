"""Closes the thread's current loop and leaves it there; the next get_event_loop() gives the same one, closed."""

import asyncio


def current_loop():
    try:
        return asyncio.get_event_loop()
    except RuntimeError:  # there is none: uvloop, and CPython from 3.14 on, make none by themselves
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        return loop


async def lookup(key):
    await asyncio.sleep(0)
    return {"key": key, "found": True}


def handler(event, context):
    loop = current_loop()
    coroutine = lookup(event.get("key", "a"))
    try:
        return loop.run_until_complete(coroutine)
    finally:
        coroutine.close()
        loop.close()
