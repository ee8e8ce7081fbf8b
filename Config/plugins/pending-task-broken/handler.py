"""Closes its loop over a task that still waits: the task is neither finished nor cancelled."""

import asyncio


async def audit(order):
    await asyncio.sleep(0.05)  # a request to the audit service


async def work(order):
    asyncio.ensure_future(audit(order))
    await asyncio.sleep(0)
    return {"order": order}


def handler(event, context):
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(work(event.get("order", 7)))
    finally:
        loop.close()
