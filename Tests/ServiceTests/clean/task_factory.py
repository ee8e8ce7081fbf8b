"""A task factory of the user's own, which names and counts tasks."""

import asyncio

counted = []


def factory(loop, coroutine, **options):
    task = asyncio.Task(coroutine, loop=loop, **options)
    counted.append(task.get_name())
    del counted[:-100]
    return task


async def handler(event, context):
    loop = asyncio.get_running_loop()
    loop.set_task_factory(factory)
    try:
        await asyncio.gather(*(loop.create_task(asyncio.sleep(0)) for _ in range(3)))
    finally:
        loop.set_task_factory(None)
    return len(counted) >= 3
