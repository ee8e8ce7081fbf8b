"""Waits without a limit of its own: the host ends the process, and nobody learns what was slow."""

import asyncio


async def silent(reader, writer):
    await reader.read()
    writer.close()


async def ask(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(b"price?\n")
        return await reader.readline()
    finally:
        writer.close()


async def beat():
    while True:
        await asyncio.sleep(0.2)


async def handler(event, context):
    if not event["lost"]:
        return None
    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    heart = asyncio.ensure_future(beat())
    try:
        return await asyncio.gather(ask(port), ask(port))
    finally:
        heart.cancel()
        server.close()
