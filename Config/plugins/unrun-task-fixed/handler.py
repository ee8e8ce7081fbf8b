"""asyncio.run makes a loop, runs the audit on it to its end, and closes it."""

import asyncio


async def audit(order):
    await asyncio.sleep(0)  # a request to the audit service


def handler(event, context):
    order = event.get("order", 7)
    asyncio.run(audit(order))
    return {"order": order}
