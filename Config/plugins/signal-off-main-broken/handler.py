"""Wants to clear away at SIGTERM, from a worker thread: that is refused."""

import asyncio
import signal
import threading


def stop(*_):
    pass


async def serve(mode):
    loop = asyncio.get_running_loop()
    if mode == "swallow":
        try:
            loop.add_signal_handler(signal.SIGTERM, stop)
        except (NotImplementedError, RuntimeError, ValueError):
            return "without handler"
    try:
        signal.signal(signal.SIGTERM, stop)
    except ValueError as error:
        if mode == "wrap":
            raise OSError("cannot serve") from error
        raise


class Worker(threading.Thread):
    def __init__(self, mode):
        super().__init__()
        self.mode = mode
        self.error = None

    def run(self):
        try:
            asyncio.run(serve(self.mode))
        except Exception as error:
            self.error = error


def handler(event, context):
    worker = Worker(event["mode"])
    worker.start()
    worker.join()
    if worker.error is not None:
        raise worker.error
    return "served"
