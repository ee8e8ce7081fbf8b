"""What is to work everywhere: waiting, a time limit, a thread of the loop's executor, a child process."""

import asyncio
import threading


async def work(number):
    await asyncio.sleep(0.001)
    return number


def look():
    try:
        asyncio.get_event_loop()
    except RuntimeError as error:
        return [threading.current_thread() is threading.main_thread(), str(error).partition(" in thread")[0]]


async def handler(event, context):
    numbers = await asyncio.gather(work(1), asyncio.wait_for(work(2), 5))
    seen = await asyncio.get_running_loop().run_in_executor(None, look)
    child = await asyncio.create_subprocess_exec("true")
    return [numbers, seen, await child.wait()]
