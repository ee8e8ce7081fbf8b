"""The group is kept. Its block is left when its tasks are done, and then it takes no more."""

import asyncio

_group = None


async def save(order):
    await asyncio.sleep(0)


async def handler(event, context):
    global _group
    mode = event.get("mode", "late")
    if _group is None:
        _group = asyncio.TaskGroup()
        async with _group as group:
            group.create_task(save(1))
    if mode == "again":
        async with _group:
            return "saved"
    try:
        _group.create_task(save(2))
    except Exception:
        if mode == "late":
            raise
    return "saved"
