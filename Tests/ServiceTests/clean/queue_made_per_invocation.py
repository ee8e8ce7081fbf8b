"""A module-level slot for a queue, filled anew by each invocation before it is used."""

import asyncio

queue = None


async def produce():
    await asyncio.sleep(0.001)
    await queue.put("made for this loop")


async def main():
    global queue
    queue = asyncio.Queue()
    _, text = await asyncio.gather(produce(), queue.get())
    return text


def handler(event, context):
    return asyncio.run(main())
