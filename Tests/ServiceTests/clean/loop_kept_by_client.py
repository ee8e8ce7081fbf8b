"""A client with a loop of its own, as synchronous faces of asynchronous libraries have it."""

import asyncio


class Client:
    def __init__(self):
        self._loop = None
        self._lock = None

    async def _call(self, word):
        if self._lock is None:
            self._lock = asyncio.Lock()
        async with self._lock:
            await asyncio.sleep(0)
        return word.upper()

    def call(self, word):
        if self._loop is None or self._loop.is_closed():
            self._loop = asyncio.new_event_loop()
        return self._loop.run_until_complete(self._call(word))


client = Client()


def handler(event, context):
    return [client.call(word) for word in ("one", "two")]
