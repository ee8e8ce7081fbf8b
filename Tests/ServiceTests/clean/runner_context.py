# python: >=3.11
"""One Runner with several runs, which its with statement closes."""

import asyncio


async def step(queue, number):
    await queue.put(number)
    return queue.qsize()


async def new_queue():
    return asyncio.Queue()


def handler(event, context):
    with asyncio.Runner() as runner:
        queue = runner.run(new_queue())
        return [runner.run(step(queue, number)) for number in range(3)]
