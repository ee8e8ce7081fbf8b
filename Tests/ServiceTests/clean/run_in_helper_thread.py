"""asyncio.run from inside a running loop, in a thread made for it: the right way round the ban on nesting."""

import asyncio
import concurrent.futures


async def fetch():
    await asyncio.sleep(0.002)
    return "fetched"


def fetch_sync():
    return asyncio.run(fetch())


async def handler(event, context):
    loop = asyncio.get_running_loop()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        return await loop.run_in_executor(pool, fetch_sync)
