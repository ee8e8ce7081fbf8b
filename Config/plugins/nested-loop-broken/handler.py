"""run_until_complete() on the loop that runs. asyncio refuses; uvloop refuses too, but has made a task by then."""

import asyncio


async def send(records):
    await asyncio.sleep(0)
    return len(records)


def flush(records):
    loop = asyncio.get_event_loop()
    return loop.run_until_complete(send(records))


async def handler(event, context):
    try:
        sent = flush(["a", "b"])
    except RuntimeError:
        sent = 0
    await asyncio.sleep(0.01)
    return {"sent": sent}
