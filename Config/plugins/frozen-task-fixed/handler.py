"""Keeps a loop for the environment. What belongs to an invocation is awaited; the refresher is meant to stay."""

import asyncio

loop = None
refresher = None
token = {"number": 0}


async def refresh():
    while True:
        token["number"] += 1
        await asyncio.sleep(0.005)


async def audit(order):
    await asyncio.sleep(0.01)  # a request to the audit service


async def work(order):
    global refresher
    if refresher is None:
        refresher = asyncio.ensure_future(refresh())
    await audit(order)
    return {"order": order}


def handler(event, context):
    global loop
    if loop is None:
        loop = asyncio.new_event_loop()
    return loop.run_until_complete(work(event.get("order", 7)))
