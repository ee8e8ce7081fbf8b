# info: deprecated-api
# host: bare
"""A policy that inherits nothing of asyncio's own policies."""

import asyncio
import threading


class Policy(asyncio.AbstractEventLoopPolicy):
    def __init__(self):
        self._local = threading.local()

    def get_event_loop(self):
        loop = getattr(self._local, "loop", None)
        if loop is None:
            raise RuntimeError("There is no current event loop")
        return loop

    def set_event_loop(self, loop):
        self._local.loop = loop

    def new_event_loop(self):
        return asyncio.SelectorEventLoop()


asyncio.set_event_loop_policy(Policy())


def handler(event, context):
    return asyncio.run(asyncio.sleep(0.001, "ran"))
