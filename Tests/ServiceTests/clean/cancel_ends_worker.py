"""A worker for which to be cancelled is the normal end: it says goodbye and returns at once."""

import asyncio


async def worker(log):
    try:
        while True:
            await asyncio.sleep(0.001)
    except asyncio.CancelledError:
        log.append("goodbye")


async def handler(event, context):
    log = []
    working = asyncio.ensure_future(worker(log))
    await asyncio.sleep(0.002)
    working.cancel()
    await asyncio.wait([working])
    return log
