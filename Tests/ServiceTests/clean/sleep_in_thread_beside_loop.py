"""A thread blocks for a while; the loop beside it goes on."""

import asyncio
import threading
import time


async def handler(event, context):
    thread = threading.Thread(target=time.sleep, args=(0.25,))
    thread.start()
    ticks = 0
    while thread.is_alive():
        await asyncio.sleep(0.01)
        ticks += 1
    thread.join()
    return ticks > 1
