"""A thread sets an asyncio.Event and a Future, each by call_soon_threadsafe."""

import asyncio
import threading


async def handler(event, context):
    loop = asyncio.get_running_loop()
    ready, answer = asyncio.Event(), loop.create_future()

    def work():
        loop.call_soon_threadsafe(ready.set)
        loop.call_soon_threadsafe(answer.set_result, "from the thread")

    thread = threading.Thread(target=work)
    thread.start()
    await ready.wait()
    result = await answer
    thread.join()
    return result
