# requires: aiohttp
"""A server that is too slow for the client's deadline."""

import asyncio

import aiohttp


async def handler(event, context):
    async def silence(reader, writer):
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silence, "127.0.0.1", 0)
    url = "http://127.0.0.1:{}/".format(server.sockets[0].getsockname()[1])
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.05)) as session:
            async with session.get(url):
                return "answered"
    except asyncio.TimeoutError:
        return "too slow"
    finally:
        server.close()
        await asyncio.sleep(0.01)
