"""Sets its handler for SIGTERM once, in the main thread, and serves from a worker thread without."""

import asyncio
import signal
import threading


def stop(*_):
    pass


if threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGTERM, stop)


async def serve():
    await asyncio.sleep(0)


def handler(event, context):
    worker = threading.Thread(target=lambda: asyncio.run(serve()))
    worker.start()
    worker.join()
    return "served"
