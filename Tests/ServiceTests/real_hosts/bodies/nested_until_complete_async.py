"""run_until_complete() of the running loop, in an `async def` handler."""

import asyncio


async def work():
    return 7


async def handler(event, context):
    coroutine = work()
    try:
        return asyncio.get_event_loop().run_until_complete(coroutine)
    finally:
        coroutine.close()
