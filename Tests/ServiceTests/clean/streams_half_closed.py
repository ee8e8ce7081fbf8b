"""A peer that ends the connection first: the reader meets the end of the stream, and reports it as such."""

import asyncio


async def main():
    async def hang_up(reader, writer):
        writer.write(b"half")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    try:
        await reader.readexactly(100)
    except asyncio.IncompleteReadError as error:
        return error.partial.decode()
    finally:
        writer.close()
        server.close()
        await server.wait_closed()


def handler(event, context):
    return asyncio.run(main())
