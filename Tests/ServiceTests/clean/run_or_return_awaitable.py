"""One function for both worlds: runs the coroutine where no loop runs, and hands it out where one does."""

import asyncio


async def fetch(number):
    await asyncio.sleep(0)
    return number


def get(number):
    coroutine = fetch(number)
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(coroutine)
    return coroutine


async def inside():
    return await get(2)


def handler(event, context):
    return [get(1), asyncio.run(inside())]
