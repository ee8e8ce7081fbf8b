"""An ASGI application without a framework; imported by the server, as an application's module is."""

import json

import driving

driving.body.load()


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    outcome = await driving.body.await_() if driving.body.is_async else driving.body.call()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps(outcome).encode()})
