"""A semaphore that holds others back, and a condition that wakes them."""

import asyncio


async def limited(semaphore, running, most):
    async with semaphore:
        running.append(1)
        most.append(len(running))
        await asyncio.sleep(0.001)
        running.pop()


async def main():
    semaphore, running, most = asyncio.Semaphore(2), [], []
    await asyncio.gather(*(limited(semaphore, running, most) for _ in range(6)))
    condition, woken = asyncio.Condition(), []

    async def wait():
        async with condition:
            await condition.wait()
            woken.append(1)

    waiting = [asyncio.ensure_future(wait()) for _ in range(2)]
    await asyncio.sleep(0.001)
    async with condition:
        condition.notify_all()
    await asyncio.gather(*waiting)
    return [max(most), len(woken)]


def handler(event, context):
    return asyncio.run(main())
