"""Fine with uvicorn, which starts an app once. Mangum 0.20 starts it for each request, and on a fresh loop."""

import asyncio
import json

counter = None


class Counter:
    """Counts in threads of the loop on which it was made."""

    def __init__(self):
        self._loop = asyncio.get_running_loop()

    async def count(self, text):
        return await self._loop.run_in_executor(None, len, text)


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await live(receive, send)
        return
    body = json.dumps({"count": await counter.count(scope["path"])})
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": body.encode()})


async def live(receive, send):
    global counter
    await receive()
    if counter is None:
        counter = Counter()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})
