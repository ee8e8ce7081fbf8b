# timeout: 30
"""A process pool in a with statement, fed by the loop."""

import asyncio
import concurrent.futures
import multiprocessing


async def main():
    loop = asyncio.get_running_loop()
    context = multiprocessing.get_context("fork")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
        return await loop.run_in_executor(pool, pow, 2, 10)


def handler(event, context):
    return asyncio.run(main())
