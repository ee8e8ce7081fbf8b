"""Mangum, which calls an ASGI application. A `def` body is a Lambda handler that asks Mangum afterwards."""

import warnings

import driving
from mangum import Mangum

EVENT = {
    "version": "2.0",
    "rawPath": "/",
    "rawQueryString": "",
    "headers": {"host": "example.com"},
    "requestContext": {"http": {"method": "GET", "path": "/", "sourceIp": "192.0.2.1"}, "stage": "$default"},
    "isBase64Encoded": False,
}


async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if driving.body.is_async:
        outcomes.append(await driving.body.await_())
    await send({"type": "http.response.body", "body": b""})


outcomes = []


def call(body):
    body.load()
    adapter = Mangum(app, lifespan="off")
    for _ in range(driving.INVOCATIONS):
        if not body.is_async:
            yield body.call()
        try:
            adapter(EVENT, None)
        except RuntimeError as error:  # the application is not even asked, for what the body did to the current loop
            outcomes.append(["error", type(error).__name__, str(error)])
        if body.is_async:
            yield outcomes.pop()
        body.pause()


warnings.simplefilter("ignore")
driving.call_each(call)
