# host: bare
"""Hands a coroutine to a loop before its thread runs it, and puts a task on a loop that it runs afterwards."""

import asyncio
import threading

loop = asyncio.new_event_loop()
first = loop.create_task(asyncio.sleep(0, "made at import"))


def run_late():
    started.wait(5)
    loop.run_forever()


started = threading.Event()
threading.Thread(target=run_late, name="service-loop", daemon=True).start()


async def look_up(key):
    await asyncio.sleep(0)
    return key


def later():
    own = asyncio.new_event_loop()
    task = own.create_task(look_up("b"))
    try:
        return own.run_until_complete(task)
    finally:
        own.close()


def handler(event, context):
    future = asyncio.run_coroutine_threadsafe(look_up("a"), loop)
    threading.Timer(0.02, started.set).start()
    return [future.result(5), later()]
