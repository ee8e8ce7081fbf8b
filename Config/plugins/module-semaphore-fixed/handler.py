"""The semaphore is made inside of the coroutine that runs the requests, and lives as long as its loop."""

import asyncio


async def load(page, limit):
    async with limit:
        await asyncio.sleep(0.001)
        return page


async def load_all():
    limit = asyncio.Semaphore(2)
    return await asyncio.gather(*(load(page, limit) for page in range(5)))


def handler(event, context):
    return asyncio.run(load_all())
