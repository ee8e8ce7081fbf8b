"""Stops at SIGTERM where there are signals, and serves on a socket that every system has."""

import asyncio
import os
import signal
import sys
import tempfile

try:
    import uvloop
except ImportError:
    uvloop = None


async def answer(reader, writer):
    writer.close()


async def serve():
    loop = asyncio.get_running_loop()
    if sys.platform != "win32":
        loop.add_signal_handler(signal.SIGTERM, loop.stop)
        loop.remove_signal_handler(signal.SIGTERM)
    if hasattr(asyncio, "start_unix_server"):
        with tempfile.TemporaryDirectory() as folder:
            server = await asyncio.start_unix_server(answer, os.path.join(folder, "socket"))
            server.close()
            await server.wait_closed()
    try:
        loop.add_signal_handler(signal.SIGTERM, loop.stop)
        loop.remove_signal_handler(signal.SIGTERM)
    except NotImplementedError:
        pass


def handler(event, context):
    return asyncio.run(serve())
