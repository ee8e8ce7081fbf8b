"""Threads that hand coroutines back to the loop that waits for them, and block until those are done."""

import asyncio


async def ask(number):
    await asyncio.sleep(0.001)
    return number * 10


def work(loop, number):
    return asyncio.run_coroutine_threadsafe(ask(number), loop).result(5) + 1


async def handler(event, context):
    loop = asyncio.get_running_loop()
    return await asyncio.gather(*(loop.run_in_executor(None, work, loop, number) for number in range(3)))
