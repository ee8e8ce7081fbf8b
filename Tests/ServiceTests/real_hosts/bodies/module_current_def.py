"""The loop that is the current one at import, run in each invocation."""

import asyncio
import warnings

warnings.simplefilter("ignore")
try:
    loop, missing = asyncio.get_event_loop(), ""
except RuntimeError as error:
    loop, missing = None, str(error)


async def work():
    await asyncio.sleep(0)
    return 7


def handler(event, context):
    if loop is None:
        return missing
    coroutine = work()
    try:
        return loop.run_until_complete(coroutine)
    finally:
        coroutine.close()
