"""Awaits the task before it closes the loop."""

import asyncio


async def audit(order):
    await asyncio.sleep(0.05)  # a request to the audit service


async def work(order):
    task = asyncio.ensure_future(audit(order))
    await asyncio.sleep(0)
    await task
    return {"order": order}


def handler(event, context):
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(work(event.get("order", 7)))
    finally:
        loop.close()
