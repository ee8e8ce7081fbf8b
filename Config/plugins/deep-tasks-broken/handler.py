"""A forgotten task and a forgotten await; in the probe's deep mode the lines that made them are known."""

import asyncio


async def audit(order):
    await asyncio.sleep(0.05)  # a request to the audit service


async def price(order):
    await asyncio.sleep(0)
    return 100


async def handler(event, context):
    order = event.get("order", 7)
    tasks = [asyncio.ensure_future(audit(order))]
    offer = price(order)
    await asyncio.sleep(0)
    return {"order": order, "tasks": len(tasks), "priced": offer is not None}
