"""Gives each answer half a second: what does not come is known, and the rest can still be told."""

import asyncio


async def silent(reader, writer):
    await reader.read()
    writer.close()


async def ask(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(b"price?\n")
        answer = await asyncio.wait_for(reader.readline(), timeout=0.5)
        return answer.decode()
    except asyncio.TimeoutError:
        return None
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
