"""asyncio.run, and get_event_loop() after it."""

import asyncio
import warnings

warnings.simplefilter("ignore")


async def work():
    return 7


def handler(event, context):
    coroutine = work()
    try:
        asyncio.run(coroutine)
    finally:
        coroutine.close()
    return asyncio.get_event_loop().is_closed()
