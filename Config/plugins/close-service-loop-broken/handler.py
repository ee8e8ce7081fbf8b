"""Wants to be tidy, and closes a loop that goes on running in its thread."""

import asyncio
import contextlib
import threading

_loop = None


def service_loop():
    global _loop
    if _loop is None:
        _loop = asyncio.new_event_loop()
        threading.Thread(target=_loop.run_forever, name="service-loop", daemon=True).start()
    return _loop


async def reverse(text):
    await asyncio.sleep(0)
    return {"text": text[::-1]}


def handler(event, context):
    loop = service_loop()
    try:
        return asyncio.run_coroutine_threadsafe(reverse(event.get("text", "drawer")), loop).result(timeout=2)
    finally:
        with contextlib.suppress(RuntimeError):
            loop.close()
