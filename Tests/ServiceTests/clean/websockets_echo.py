# requires: websockets
"""A web socket's server and client, both left in order."""

import asyncio

import websockets


async def echo(socket, path=None):
    async for message in socket:
        await socket.send(message.upper())


async def main():
    async with websockets.serve(echo, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with websockets.connect("ws://127.0.0.1:{}".format(port)) as socket:
            await socket.send("shout")
            return await socket.recv()


def handler(event, context):
    return asyncio.run(main())
