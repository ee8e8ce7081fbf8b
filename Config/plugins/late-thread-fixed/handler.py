"""The loop goes on until its threads have reported."""

import asyncio
import concurrent.futures


def work():
    return "done"


async def begin(pool):
    return await asyncio.get_running_loop().run_in_executor(pool, work)


def handler(event, context):
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        return {"work": asyncio.run(begin(pool))}
