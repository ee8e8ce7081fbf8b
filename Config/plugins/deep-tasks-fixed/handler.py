"""Both are awaited."""

import asyncio


async def audit(order):
    await asyncio.sleep(0.05)  # a request to the audit service


async def price(order):
    await asyncio.sleep(0)
    return 100


async def handler(event, context):
    order = event.get("order", 7)
    tasks = [asyncio.ensure_future(audit(order))]
    offer = await price(order)
    await asyncio.gather(*tasks)
    return {"order": order, "tasks": len(tasks), "priced": offer is not None}
