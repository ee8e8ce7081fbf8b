import asyncio


async def use(pool):
    async with pool:
        await asyncio.sleep(0.001)


async def test_one(pool):
    await asyncio.gather(use(pool), use(pool))


async def test_two(pool):
    await asyncio.gather(use(pool), use(pool))


async def test_three(item):
    assert item == 1


async def test_four(item):
    await asyncio.sleep(0)


def test_sync():
    pass


async def test_five(pool):
    await asyncio.gather(use(pool), use(pool))
