"""Names the pool in the call, so that no loop takes it for its own."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(max_workers=2)


async def square(number):
    return await asyncio.get_running_loop().run_in_executor(pool, pow, number, 2)


def handler(event, context):
    return {"square": asyncio.run(square(event.get("number", 3)))}
