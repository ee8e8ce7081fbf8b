"""Collections of garbage at every turn, cycles with tasks and loops in them included."""

import asyncio
import gc


class Node:
    def __init__(self):
        self.me = self


async def work():
    node = Node()
    node.task = asyncio.current_task()
    node.loop = asyncio.get_running_loop()
    del node
    gc.collect()
    await asyncio.sleep(0.001)
    gc.collect()
    return "collected"


def handler(event, context):
    result = asyncio.run(work())
    gc.collect()
    return result
