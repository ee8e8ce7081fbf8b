"""Answers before its audit is written: the environment is frozen, and the next invocation has to finish it."""

import asyncio

loop = None


async def audit(order):
    await asyncio.sleep(0.05)  # a request to the audit service


async def work(order):
    asyncio.ensure_future(audit(order))
    await asyncio.sleep(0)
    return {"order": order}


def handler(event, context):
    global loop
    if loop is None:
        loop = asyncio.new_event_loop()
    return loop.run_until_complete(work(event.get("order", 7)))
