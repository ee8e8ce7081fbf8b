"""The work that is measured: what a handler does in one invocation.

Each makes, for one kind of loop, a function that does the work once. `watch` goes around the coroutine, as what is
compared with the probe wants it.
"""

import asyncio

TASKS = 1000
CALLBACKS = 10000
TRIPS = 30
MESSAGE = b"sixty-four bytes of nothing in particular, there and back again\n"


def empty(run, new_loop, watch):
    """asyncio.run of a coroutine that does nothing."""

    async def nothing():
        pass

    return lambda: run(watch(nothing()))


def tasks(run, new_loop, watch):
    """asyncio.run of 1,000 tasks that give way once and are awaited together."""

    async def one():
        await asyncio.sleep(0)

    async def main():
        await asyncio.gather(*[asyncio.ensure_future(one()) for _ in range(TASKS)])

    return lambda: run(watch(main()))


def callbacks(run, new_loop, watch):
    """asyncio.run of 10,000 calls of call_soon."""

    def nothing():
        pass

    async def main():
        call_soon = asyncio.get_running_loop().call_soon
        for _ in range(CALLBACKS):
            call_soon(nothing)
        await asyncio.sleep(0)

    return lambda: run(watch(main()))


def trips(run, new_loop, watch):
    """asyncio.run of a stream server and a client, and 30 round trips between them over loopback."""

    async def echo(reader, writer):
        while True:
            line = await reader.readline()
            if not line:
                break
            writer.write(line)
        writer.close()
        over.set()

    async def main():
        nonlocal over
        over = asyncio.Event()
        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
        for _ in range(TRIPS):
            writer.write(MESSAGE)
            await reader.readline()
        writer.close()
        await over.wait()
        server.close()
        await server.wait_closed()

    over = None
    return lambda: run(watch(main()))


def request(run, new_loop, watch):
    """One aiohttp request, client to server in one process over loopback, in a session and a loop that are kept."""
    from aiohttp import ClientSession, web

    async def answer(request):
        return web.json_response({"path": request.path})

    async def start():
        application = web.Application()
        application.router.add_get("/orders", answer)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        return ClientSession(), "http://127.0.0.1:{}/orders".format(port)

    async def main():
        async with session.get(url) as response:
            return await response.json()

    loop = new_loop()
    session, url = loop.run_until_complete(start())
    return lambda: loop.run_until_complete(watch(main()))


SUBJECTS = {"empty": empty, "tasks": tasks, "callbacks": callbacks, "trips": trips, "request": request}
