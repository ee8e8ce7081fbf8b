# requires: aiohttp
"""A session at module level, made on the loop that is kept for the environment and used on no other."""

import asyncio

import aiohttp
from aiohttp import web

_loop = None
_session = _url = None


async def start():
    global _session, _url
    app = web.Application()

    async def hello(request):
        return web.Response(text="hello")

    app.router.add_get("/", hello)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    _session = aiohttp.ClientSession()
    _url = "http://127.0.0.1:{}/".format(runner.addresses[0][1])


async def get():
    if _session is None:
        await start()
    async with _session.get(_url) as answer:
        return await answer.text()


def handler(event, context):
    global _loop
    if _loop is None:
        _loop = asyncio.new_event_loop()
        asyncio.set_event_loop(_loop)
    return _loop.run_until_complete(get())
