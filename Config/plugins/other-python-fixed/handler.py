"""Queues without a loop, tasks for asyncio.wait, and wait_for instead of timeout."""

import asyncio


async def price(shop):
    await asyncio.sleep(0)
    return shop


async def work():
    queue = asyncio.Queue()
    await queue.put("north")
    tasks = [asyncio.ensure_future(price(shop)) for shop in (await queue.get(), "south")]
    done, pending = await asyncio.wait(tasks)
    return [sorted(task.result() for task in done), await asyncio.wait_for(price("north"), 1)]


def handler(event, context):
    return asyncio.run(work())
