"""A client made at the first need and made anew when the loop is another one."""

import asyncio


class Client:
    def __init__(self):
        self.loop = asyncio.get_running_loop()
        self._lock = asyncio.Lock()

    async def get(self):
        async with self._lock:
            await asyncio.sleep(0)
            return "got"


_client = None


def client():
    global _client
    if _client is None or _client.loop is not asyncio.get_running_loop():
        _client = Client()
    return _client


async def main():
    return await asyncio.gather(client().get(), client().get())


def handler(event, context):
    return [asyncio.run(main()), asyncio.run(main())]
