"""The usual way out: a loop is made current when there is none. Counts those that had to be made."""

import asyncio
import warnings

warnings.simplefilter("ignore")
made = []


async def work():
    return 7


def handler(event, context):
    try:
        loop = asyncio.get_event_loop()
    except RuntimeError:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        made.append(loop)
    coroutine = work()
    try:
        return [len(made), loop.run_until_complete(coroutine)]
    finally:
        coroutine.close()
