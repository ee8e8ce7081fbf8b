"""asyncio.run in a `def` handler."""

import asyncio


async def work():
    await asyncio.sleep(0)
    return 7


def handler(event, context):
    coroutine = work()
    try:
        return asyncio.run(coroutine)
    finally:
        coroutine.close()
