"""A loop made at import, run in each invocation."""

import asyncio

loop = asyncio.new_event_loop()


async def work():
    await asyncio.sleep(0)
    return 7


def handler(event, context):
    coroutine = work()
    try:
        return loop.run_until_complete(coroutine)
    finally:
        coroutine.close()
