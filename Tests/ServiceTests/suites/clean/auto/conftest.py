import asyncio

import pytest


@pytest.fixture(scope="session")
async def pool():
    stop = asyncio.Event()

    async def work():
        await stop.wait()

    tasks = [asyncio.ensure_future(work()) for _ in range(2)]
    yield asyncio.Semaphore(1)
    stop.set()
    await asyncio.gather(*tasks)


@pytest.fixture
async def item(pool):
    async with pool:
        yield 1
