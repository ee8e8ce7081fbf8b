"""create_task() in a `def` handler."""

import asyncio

done = []


async def work():
    done.append(1)


def handler(event, context):
    coroutine = work()
    try:
        tasks.append(asyncio.create_task(coroutine))
    except RuntimeError:
        coroutine.close()
        raise
    return len(done)


tasks = []
