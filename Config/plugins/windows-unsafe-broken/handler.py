"""Stops at SIGTERM, and serves on a unix socket, on any system."""

import asyncio
import os
import signal
import tempfile

import uvloop  # noqa: F401


async def answer(reader, writer):
    writer.close()


async def serve():
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, loop.stop)
    with tempfile.TemporaryDirectory() as folder:
        server = await asyncio.start_unix_server(answer, os.path.join(folder, "socket"))
        server.close()
        await server.wait_closed()
    loop.remove_signal_handler(signal.SIGTERM)


def handler(event, context):
    return asyncio.run(serve())
