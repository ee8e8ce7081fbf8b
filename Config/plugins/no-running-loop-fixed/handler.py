"""The function is an async def, and the handler runs it; the task is awaited before the answer goes out."""

import asyncio


async def audit(order):
    await asyncio.sleep(0)


async def accept(order):
    audited = asyncio.create_task(audit(order))
    await audited
    return "accepted"


def handler(event, context):
    return asyncio.run(accept("order 1"))
