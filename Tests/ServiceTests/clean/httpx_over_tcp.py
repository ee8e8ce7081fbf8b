# requires: httpx
"""httpx over real connections that it keeps alive until its client is closed."""

import asyncio

import httpx


async def serve(reader, writer):
    while await reader.readline():
        while (await reader.readline()).strip():
            pass
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
        await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = "http://127.0.0.1:{}/".format(server.sockets[0].getsockname()[1])
    async with httpx.AsyncClient(trust_env=False) as client:
        texts = [(await client.get(url)).text for _ in range(3)]
    server.close()
    await server.wait_closed()
    return texts


def handler(event, context):
    return asyncio.run(main())
