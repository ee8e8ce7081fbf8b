import asyncio

from aiohttp import ClientSession, web


async def hello(request):
    return web.Response(text="hello")


def app():
    app = web.Application()
    app.router.add_get("/", hello)
    return app


async def test_client(aiohttp_client):
    client = await aiohttp_client(app())
    response = await client.get("/")
    assert await response.text() == "hello"


async def test_server(aiohttp_server):
    server = await aiohttp_server(app())
    async with ClientSession() as session, session.get(server.make_url("/")) as response:
        assert await response.text() == "hello"


async def test_again(aiohttp_client):
    client = await aiohttp_client(app())
    responses = await asyncio.gather(*(client.get("/") for _ in range(3)))
    assert all(response.status == 200 for response in responses)
