"""Nobody listens there; the refusal is the answer."""

import asyncio
import socket


async def handler(event, context):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        try:
            await asyncio.open_connection(*unused.getsockname())
        except ConnectionRefusedError:
            return "refused"
