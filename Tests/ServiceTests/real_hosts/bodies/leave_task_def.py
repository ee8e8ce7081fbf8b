"""A task that a `def` handler leaves on the current loop; what became of it is seen in the next invocation."""

import asyncio
import warnings

warnings.simplefilter("ignore")
tasks = []


async def work():
    await asyncio.sleep(0.001)


def handler(event, context):
    states = ["cancelled" if each.cancelled() else "done" if each.done() else "pending" for each in tasks]
    coroutine = work()
    try:
        tasks.append(asyncio.get_event_loop().create_task(coroutine))
    except RuntimeError:
        coroutine.close()
        raise
    return states
