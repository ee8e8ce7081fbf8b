"""Tasks cancelled before their first step: their coroutines never began, and were not forgotten."""

import asyncio


async def never():
    await asyncio.sleep(3600)


async def handler(event, context):
    tasks = [asyncio.ensure_future(never()) for _ in range(3)]
    for task in tasks:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    return [type(result).__name__ for result in results]
