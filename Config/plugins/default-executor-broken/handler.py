"""Fine cold, broken warm: asyncio.run() shuts down the default executor of its loop, which is everybody's here."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(max_workers=2)


async def square(number):
    loop = asyncio.get_running_loop()
    loop.set_default_executor(pool)
    return await loop.run_in_executor(None, pow, number, 2)


def handler(event, context):
    return {"square": asyncio.run(square(event.get("number", 3)))}
