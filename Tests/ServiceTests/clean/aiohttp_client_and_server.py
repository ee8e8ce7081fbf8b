# requires: aiohttp
"""aiohttp's server and client in one loop, with a web socket."""

import asyncio

import aiohttp
from aiohttp import web


async def hello(request):
    return web.json_response({"hello": await request.text()})


async def echo(request):
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        await socket.send_str(message.data.upper())
    return socket


async def main():
    app = web.Application()
    app.add_routes([web.post("/", hello), web.get("/socket", echo)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = "http://127.0.0.1:{}/".format(runner.addresses[0][1])
    try:
        async with aiohttp.ClientSession() as session:
            async with session.post(url, data="there") as answer:
                said = await answer.json()
            async with session.ws_connect(url + "socket") as socket:
                await socket.send_str("shout")
                return [said, await socket.receive_str()]
    finally:
        await runner.cleanup()


def handler(event, context):
    return asyncio.run(main())
