"""Answers before its audit is written: the environment is frozen meanwhile, and the next invocation has to finish it."""

import asyncio
import time

loop = asyncio.new_event_loop()


async def audit(order):
    await asyncio.sleep(0.05)  # a request to the audit service


async def work(order):
    task = asyncio.ensure_future(audit(order))
    await asyncio.sleep(0)
    return task


def handler(event, context):
    loop.run_until_complete(work(event.get("order", 7)))
    return time.time()
