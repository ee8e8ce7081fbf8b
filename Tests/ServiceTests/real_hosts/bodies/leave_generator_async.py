"""An asynchronous generator that is left open; whether it was closed is seen in the next invocation."""

import asyncio

generators, closed = [], []


async def numbers():
    try:
        while True:
            yield 1
            await asyncio.sleep(0)
    finally:
        closed.append(1)


async def handler(event, context):
    found = len(closed)
    generators.append(numbers())
    await generators[-1].__anext__()
    return found
