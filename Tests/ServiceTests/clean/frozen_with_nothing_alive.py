# freeze: 0.4
"""Is frozen after each answer, with nothing unfinished: what it begins it awaits, a pool's thread waits for work."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(1)


async def audit(order):
    await asyncio.sleep(0.01)


async def work(order):
    await asyncio.gather(audit(order), asyncio.wait_for(audit(order), 1))
    return order


def handler(event, context):
    pool.submit(int).result()
    return asyncio.run(work(event.get("order", 7)))
