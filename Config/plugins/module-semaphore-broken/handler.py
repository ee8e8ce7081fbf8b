"""Fine cold, broken warm (before Python 3.10 broken cold): it becomes the loop's where somebody first has to wait."""

import asyncio

limit = asyncio.Semaphore(2)


async def load(page):
    async with limit:
        await asyncio.sleep(0.001)
        return page


async def load_all():
    return await asyncio.gather(*(load(page) for page in range(5)))


def handler(event, context):
    return asyncio.run(load_all())
