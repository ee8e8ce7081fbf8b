"""Waits for its tasks and never asks how they ended: a charge that fails counts as done."""

import asyncio


async def charge(order):
    await asyncio.sleep(0)
    if order % 2:
        raise LookupError("no such order")


async def work(orders):
    tasks = [asyncio.ensure_future(charge(order)) for order in orders]
    await asyncio.wait(tasks)
    return {"charged": len(tasks)}


def handler(event, context):
    return asyncio.run(work(event.get("orders", [2, 3])))
