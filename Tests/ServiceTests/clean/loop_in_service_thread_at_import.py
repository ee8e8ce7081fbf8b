"""The service thread and its loop are there from the import on; only call_soon_threadsafe reaches into it."""

import asyncio
import concurrent.futures
import threading

_started = threading.Event()
_loop = None


def serve():
    global _loop
    _loop = asyncio.new_event_loop()
    asyncio.set_event_loop(_loop)
    _loop.call_soon(_started.set)
    _loop.run_forever()


threading.Thread(target=serve, name="service", daemon=True).start()
_started.wait(10)


def handler(event, context):
    answer = concurrent.futures.Future()
    _loop.call_soon_threadsafe(answer.set_result, "served")
    return answer.result(5)
