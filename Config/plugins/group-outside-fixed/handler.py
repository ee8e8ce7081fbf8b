"""One group for one piece of work: all tasks are made inside its block, which waits for them."""

import asyncio


async def save(order):
    await asyncio.sleep(0)


async def handler(event, context):
    async with asyncio.TaskGroup() as group:
        for order in (1, 2):
            group.create_task(save(order))
    return "saved"
