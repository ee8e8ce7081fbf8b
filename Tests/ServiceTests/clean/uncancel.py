# python: >=3.11
"""A task that takes its cancellation back, as structured concurrency may, and goes on."""

import asyncio


async def stubborn():
    task = asyncio.current_task()
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError:
        task.uncancel()
    await asyncio.sleep(0.001)
    return "went on"


async def handler(event, context):
    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0.001)
    task.cancel()
    return await task
