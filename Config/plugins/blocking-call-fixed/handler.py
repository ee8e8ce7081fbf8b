"""Waits by await, and leaves to threads what can only block: the loop goes on turning."""

import asyncio
import hashlib
import sys


async def quote(shop):
    await asyncio.sleep(0.6)
    return len(shop)


async def answer(reader, writer):
    await reader.read(1000)
    await asyncio.sleep(0.6)
    writer.write(b"17")
    writer.close()


async def ask():
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.write(b"a")
    reply = await reader.read()
    writer.close()
    server.close()
    return int(reply)


def sealed(password):
    return hashlib.pbkdf2_hmac("sha256", password, b"salt", 5000000).hex()


async def price(shop, mode):
    if mode == "sleep":
        return await quote(shop)
    if mode == "socket":
        return await ask()
    if mode == "child":
        child = await asyncio.create_subprocess_exec(sys.executable, "-c", "import time; time.sleep(0.6)")
        return await child.wait()
    if mode == "compute":
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, sealed, b"secret")
    # Busy for long, and yet everybody has their turn.
    total = 0
    for number in range(400000):
        total += number
        if number % 100 == 0:
            await asyncio.sleep(0)
    return total


async def handler(event, context):
    return await asyncio.gather(price("a", event["mode"]), asyncio.sleep(0.01, 3))
