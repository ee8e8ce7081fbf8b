"""A loop runs for ever in a thread that nobody joins; every invocation hands it work."""

import asyncio
import threading

_loop = None


def service():
    global _loop
    if _loop is None:
        _loop = asyncio.new_event_loop()
        threading.Thread(target=_loop.run_forever, name="service", daemon=True).start()
    return _loop


async def work(number):
    await asyncio.sleep(0.001)
    return number + 1


def handler(event, context):
    futures = [asyncio.run_coroutine_threadsafe(work(number), service()) for number in range(3)]
    return [future.result(5) for future in futures]
