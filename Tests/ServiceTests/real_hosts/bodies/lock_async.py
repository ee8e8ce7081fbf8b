"""A module's Lock that tasks wait for, in each invocation."""

import asyncio

lock = None


async def hold(turns):
    async with lock:
        for _ in range(turns):
            await asyncio.sleep(0)


async def handler(event, context):
    global lock
    lock = lock or asyncio.Lock()
    await asyncio.gather(hold(2), hold(1))
    return "held"
