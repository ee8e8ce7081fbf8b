"""A queue made at import that each invocation waits for."""

import asyncio
import warnings

warnings.simplefilter("ignore")
queue = asyncio.Queue()


async def put():
    await asyncio.sleep(0)
    queue.put_nowait("item")


async def handler(event, context):
    task = asyncio.create_task(put())
    try:
        return await asyncio.wait_for(queue.get(), 5)
    finally:
        task.cancel()
