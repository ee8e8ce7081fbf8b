"""asyncio.run in an `async def` handler."""

import asyncio


async def work():
    return 7


async def handler(event, context):
    coroutine = work()
    try:
        return asyncio.run(coroutine)
    finally:
        coroutine.close()
