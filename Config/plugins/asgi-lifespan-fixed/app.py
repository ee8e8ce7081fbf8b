"""Each start makes a client of its own; a request gets it from the state that ASGI has for this."""

import asyncio
import json


class Counter:
    """Counts in threads of the loop on which it was made."""

    def __init__(self):
        self._loop = asyncio.get_running_loop()

    async def count(self, text):
        return await self._loop.run_in_executor(None, len, text)


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await live(scope["state"], receive, send)
        return
    body = json.dumps({"count": await scope["state"]["counter"].count(scope["path"])})
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": body.encode()})


async def live(state, receive, send):
    await receive()
    state["counter"] = Counter()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})
