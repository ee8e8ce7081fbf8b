"""A ThreadPoolExecutor at module level that nobody shuts down: kept on purpose, it serves one loop after the other."""

import asyncio
import concurrent.futures
import time

_pool = concurrent.futures.ThreadPoolExecutor(max_workers=3, thread_name_prefix="kept")


def slow(number):
    time.sleep(0.005)
    return number


async def main():
    loop = asyncio.get_running_loop()
    return await asyncio.gather(*(loop.run_in_executor(_pool, slow, number) for number in range(5)))


def handler(event, context):
    return asyncio.run(main())
