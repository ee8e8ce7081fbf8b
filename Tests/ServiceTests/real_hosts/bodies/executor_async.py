"""What a thread of the loop's default executor is called, and whether a loop is there."""

import asyncio
import threading


def work():
    try:
        asyncio.get_event_loop()
    except RuntimeError as error:
        found = str(error)
    return [threading.current_thread() is threading.main_thread(), found.partition(" in thread")[0]]


async def handler(event, context):
    return await asyncio.get_running_loop().run_in_executor(None, work)
