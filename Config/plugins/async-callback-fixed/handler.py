"""Somebody awaits each coroutine: asyncio.run in the thread, a task that is waited for, a comprehension."""

import asyncio


async def audit(user):
    await asyncio.sleep(0)


async def is_active(user):
    await asyncio.sleep(0)
    return user != "mallory"


async def later(delay, coroutine):
    await asyncio.sleep(delay)
    return await coroutine


async def handler(event, context):
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(later(0.001, audit("ann")))
    await loop.run_in_executor(None, lambda: asyncio.run(audit("ann")))
    await task
    return [user for user in ["ann", "mallory"] if await is_active(user)]
