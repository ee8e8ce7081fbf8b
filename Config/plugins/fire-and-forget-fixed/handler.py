"""The audit runs beside the rest of the work, and the answer waits for both."""

import asyncio


async def audit(order):
    await asyncio.sleep(0.05)  # a request to the audit service
    return order


async def handler(event, context):
    order = event.get("order", 7)
    task = asyncio.ensure_future(audit(order))
    await asyncio.sleep(0)
    await task
    return {"order": order}
