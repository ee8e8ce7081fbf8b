# info: windows-unsafe
"""Streams over a unix socket; the server is left by its async with."""

import asyncio
import os
import tempfile


async def main(path):
    async def serve(reader, writer):
        writer.write(await reader.read(100))
        writer.write_eof()
        await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(serve, path)
    async with server:
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b"ping")
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
    return answer.decode()


def handler(event, context):
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(main(os.path.join(folder, "socket")))
