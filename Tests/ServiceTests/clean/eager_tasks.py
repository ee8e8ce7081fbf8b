# python: >=3.12
# loop: asyncio
"""Eager tasks: some are done before create_task returns."""

import asyncio


async def at_once(number):
    return number


async def later(number):
    await asyncio.sleep(0.001)
    return number


async def main():
    asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
    tasks = [asyncio.create_task(at_once(1)), asyncio.create_task(later(2))]
    return [tasks[0].done(), *await asyncio.gather(*tasks)]


def handler(event, context):
    return asyncio.run(main())
