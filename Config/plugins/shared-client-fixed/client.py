"""A client as many are: it keeps its connection, and the loop of its first call for its timeouts."""

import asyncio

TIMEOUT = 5  # seconds


class Client:
    def __init__(self, address):
        self._address = address
        self._loop = None

    async def ask(self, question):
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self._reader, self._writer = await asyncio.open_connection(*self._address)
        alarm = self._loop.call_later(TIMEOUT, self._writer.close)
        try:
            self._writer.write(question.encode() + b"\n")
            return (await self._reader.readline()).decode().rstrip()
        finally:
            alarm.cancel()

    async def close(self):
        if self._loop is not None:
            self._writer.close()
            await self._writer.wait_closed()
