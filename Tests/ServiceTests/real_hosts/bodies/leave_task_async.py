"""A task that is left behind; what became of it is seen in the next invocation."""

import asyncio

tasks, seen = [], []


async def work():
    for step in range(3):
        await asyncio.sleep(0.001)
        seen.append(step)


async def handler(event, context):
    states = ["cancelled" if each.cancelled() else "done" if each.done() else "pending" for each in tasks]
    found = [states, list(seen)]
    tasks.append(asyncio.create_task(work()))
    return found
