# python: >=3.13
"""Queue.shutdown() ends its consumers with an exception that is their normal end."""

import asyncio


async def consume(queue):
    count = 0
    while True:
        try:
            await queue.get()
        except asyncio.QueueShutDown:
            return count
        count += 1


async def handler(event, context):
    queue = asyncio.Queue()
    async with asyncio.TaskGroup() as group:
        consumers = [group.create_task(consume(queue)) for _ in range(2)]
        for number in range(5):
            await queue.put(number)
        queue.shutdown()
    return sum(each.result() for each in consumers)
