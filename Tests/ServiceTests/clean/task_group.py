# python: >=3.11
"""A TaskGroup that cancels its other tasks when one fails, and reports that as a group."""

import asyncio


async def fail():
    await asyncio.sleep(0.001)
    raise LookupError("not there")


async def main():
    async with asyncio.TaskGroup() as group:
        good = group.create_task(asyncio.sleep(0.001, "good"))
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.sleep(3600))
            group.create_task(fail())
    except BaseExceptionGroup as raised:  # noqa: F821 - for 3.11 and later
        return [good.result(), *map(str, raised.exceptions)]


def handler(event, context):
    return asyncio.run(main())
