"""Looks at what each task came to."""

import asyncio


async def charge(order):
    await asyncio.sleep(0)
    if order % 2:
        raise LookupError("no such order")


async def work(orders):
    tasks = [asyncio.ensure_future(charge(order)) for order in orders]
    done, _ = await asyncio.wait(tasks)
    failed = [task for task in done if task.exception() is not None]
    return {"charged": len(done) - len(failed)}


def handler(event, context):
    return asyncio.run(work(event.get("orders", [2, 3])))
