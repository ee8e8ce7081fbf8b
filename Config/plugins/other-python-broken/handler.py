"""Some of it fails on any version: what was removed in 3.10 and 3.11, and what came with 3.11."""

import asyncio


async def price(shop):
    await asyncio.sleep(0)
    return shop


async def queued():
    queue = asyncio.Queue(loop=asyncio.get_running_loop())
    await queue.put("north")
    return await queue.get()


async def waited():
    done, pending = await asyncio.wait([price("north"), price("south")])
    return len(done)


async def limited():
    async with asyncio.timeout(1):
        return await price("north")


def handler(event, context):
    return asyncio.run({"queued": queued, "waited": waited, "limited": limited}[event["mode"]]())
