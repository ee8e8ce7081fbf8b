"""Starts the audit as a task and answers without waiting for it: the host cancels it with its loop."""

import asyncio

background = set()


async def audit(order):
    await asyncio.sleep(0.05)  # a request to the audit service
    return order


async def handler(event, context):
    order = event.get("order", 7)
    task = asyncio.ensure_future(audit(order))
    background.add(task)
    task.add_done_callback(background.discard)
    await asyncio.sleep(0)
    return {"order": order}
