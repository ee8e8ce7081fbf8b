# requires: starlette
"""Starlette, called as an ASGI application, with a background task that ends before the call does."""

import asyncio

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

log = []


async def note(text):
    await asyncio.sleep(0.001)
    log.append(text)


async def hello(request):
    return JSONResponse({"hello": request.path_params["name"]}, background=BackgroundTask(note, "noted"))


async def stream(request):
    async def chunks():
        for number in range(3):
            await asyncio.sleep(0)
            yield "{} ".format(number)

    return StreamingResponse(chunks())


def in_thread(request):
    return JSONResponse("from a thread")


app = Starlette(routes=[Route("/hello/{name}", hello), Route("/stream", stream), Route("/thread", in_thread)])


async def call(path):
    body = []
    asked = asyncio.Event()

    async def receive():
        if asked.is_set():
            await asyncio.sleep(3600)
        asked.set()
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        body.append(message.get("body", b""))

    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b""}
    await app(dict(scope, http_version="1.1", scheme="http", server=("app", 80)), receive, send)
    return b"".join(body).decode()


async def main():
    return [await call(path) for path in ("/hello/there", "/stream", "/thread")]


def handler(event, context):
    return asyncio.run(main())
