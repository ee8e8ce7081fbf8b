"""One loop runs for ever in a service thread; invocations hand their work to it."""

import asyncio
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
    work = reverse(event.get("text", "drawer"))
    return asyncio.run_coroutine_threadsafe(work, service_loop()).result(timeout=2)
