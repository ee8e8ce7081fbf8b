"""get_event_loop().run_until_complete() in a `def` handler."""

import asyncio
import warnings

warnings.simplefilter("ignore")


async def work():
    await asyncio.sleep(0)
    return 7


def handler(event, context):
    coroutine = work()
    try:
        return asyncio.get_event_loop().run_until_complete(coroutine)
    finally:
        coroutine.close()
