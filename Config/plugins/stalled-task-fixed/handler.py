"""Awaits its audit before it answers; what is alive in the freeze is a service, which is meant to go on."""

import asyncio

loop = None
refresher = None
token = {"number": 0}


async def refresh():
    while True:
        token["number"] += 1
        await asyncio.sleep(0.005)


async def audit(order):
    await asyncio.sleep(0.05)  # a request to the audit service


async def work(order):
    global refresher
    if refresher is None:
        refresher = asyncio.ensure_future(refresh())
    await asyncio.gather(audit(order), asyncio.sleep(0))
    return {"order": order}


def handler(event, context):
    global loop
    if loop is None:
        loop = asyncio.new_event_loop()
    return loop.run_until_complete(work(event.get("order", 7)))
