"""The task group is entered and left where it is used, in one task."""

import anyio


async def call(results, number):
    await anyio.sleep(0.001)
    results.append(number)


async def handler(event, context):
    results = []
    async with anyio.create_task_group() as group:
        group.start_soon(call, results, 1)
        group.start_soon(call, results, 2)
    return sorted(results)
