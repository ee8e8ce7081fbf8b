"""A finalizer closes the loop of an object that goes."""

import asyncio
import weakref


class Client:
    def __init__(self):
        self._loop = asyncio.new_event_loop()
        self._finalizer = weakref.finalize(self, self._loop.close)

    def get(self):
        return self._loop.run_until_complete(asyncio.sleep(0, "got"))


def handler(event, context):
    client = Client()
    result = client.get()
    del client
    return result
