"""get_event_loop() where a loop runs: the running one, without any warning, on every version."""

import asyncio


async def work():
    loop = asyncio.get_event_loop()
    started = loop.time()
    await asyncio.sleep(0.001)
    return loop.time() > started and loop is asyncio.get_running_loop()


async def handler(event, context):
    return await work()
