"""An async route awaits coroutines, and hands what must be sync to a thread."""

import asyncio


async def load(user):
    await asyncio.sleep(0.4)
    return {"user": user}


def report(user):
    return asyncio.run(load(user))


async def handler(event, context):
    loop = asyncio.get_running_loop()
    return [await load("ann"), await loop.run_in_executor(None, report, "ann")]
