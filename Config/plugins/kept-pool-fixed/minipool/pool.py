import asyncio


class Pool:
    """Lends connections; who finds none waits until one is given back."""

    def __init__(self, size):
        self._idle = asyncio.LifoQueue()
        for number in range(size):
            self._idle.put_nowait("connection {}".format(number))

    async def fetch(self, question):
        connection = await self._idle.get()
        try:
            await asyncio.sleep(0.001)
            return "{} by {}".format(question, connection)
        finally:
            self._idle.put_nowait(connection)


async def create_pool(size):
    await asyncio.sleep(0)
    return Pool(size)
