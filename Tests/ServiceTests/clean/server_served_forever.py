"""serve_forever() that is cancelled when enough has been served."""

import asyncio
import contextlib


async def main():
    async def serve(reader, writer):
        writer.write(b"once")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    serving = asyncio.ensure_future(server.serve_forever())
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    text = await reader.read()
    writer.close()
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving
    return text.decode()


def handler(event, context):
    return asyncio.run(main())
