"""concurrent.futures and asyncio, each the right way round."""

import asyncio
import concurrent.futures


async def handler(event, context):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        futures = [asyncio.wrap_future(pool.submit(pow, 2, number)) for number in range(3)]
        return await asyncio.gather(*futures)
