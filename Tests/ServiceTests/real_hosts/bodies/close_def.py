"""A `def` handler that closes the current loop."""

import asyncio
import warnings

warnings.simplefilter("ignore")


async def work():
    return 7


def handler(event, context):
    loop = asyncio.get_event_loop()
    coroutine = work()
    try:
        return loop.run_until_complete(coroutine)
    finally:
        coroutine.close()
        loop.close()
