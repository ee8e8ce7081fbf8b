# requires: starlette httpx
"""Starlette's TestClient: a loop in a thread for each request, or for the whole with statement."""

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient


async def hello(request):
    return PlainTextResponse("hello")


async def echo(socket):
    await socket.accept()
    await socket.send_text((await socket.receive_text()).upper())
    await socket.close()


app = Starlette(routes=[Route("/", hello), WebSocketRoute("/socket", echo)])


def handler(event, context):
    alone = TestClient(app).get("/").text
    with TestClient(app) as client:
        together = [client.get("/").text for _ in range(2)]
        with client.websocket_connect("/socket") as socket:
            socket.send_text("shout")
            return [alone, *together, socket.receive_text()]
