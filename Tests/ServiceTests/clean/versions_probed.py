"""Finds out what this Python's asyncio has, by asking and by trying, and does without what is not there."""

import asyncio

try:
    from asyncio import timeout
except ImportError:
    timeout = None

try:
    group_type = asyncio.TaskGroup
except AttributeError:
    group_type = None


async def price(shop):
    await asyncio.sleep(0)
    return shop


async def within_limit():
    if timeout is None:
        return await asyncio.wait_for(price("north"), 5)
    async with timeout(5):
        return await price("north")


def make_queue(loop):
    try:
        return asyncio.Queue(loop=loop) if getattr(asyncio, "coroutine_queue", None) else asyncio.Queue()
    except TypeError:
        return asyncio.Queue()


async def handler(event, context):
    queue = make_queue(asyncio.get_running_loop())
    await queue.put(await within_limit())
    if group_type is not None and hasattr(asyncio, "timeout_at"):
        async with group_type() as group:
            group.create_task(price("south"))
    return await queue.get()
