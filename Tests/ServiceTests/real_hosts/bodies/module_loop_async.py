"""A loop made at import, run in an `async def` handler."""

import asyncio

loop = asyncio.new_event_loop()


async def work():
    return 7


async def handler(event, context):
    coroutine = work()
    try:
        return loop.run_until_complete(coroutine)
    finally:
        coroutine.close()
