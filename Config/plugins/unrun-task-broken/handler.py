"""On a server the loop runs around every function, and the audit is written. Here it never begins."""

import asyncio


async def audit(order):
    await asyncio.sleep(0)  # a request to the audit service


def handler(event, context):
    order = event.get("order", 7)
    loop = asyncio.get_event_loop()
    loop.create_task(audit(order))
    return {"order": order}
