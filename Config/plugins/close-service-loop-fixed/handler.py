"""A loop in a thread for the time of the invocation: stopped, joined, closed, in this order."""

import asyncio
import threading


async def reverse(text):
    await asyncio.sleep(0)
    return {"text": text[::-1]}


def handler(event, context):
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="service-loop")
    thread.start()
    try:
        return asyncio.run_coroutine_threadsafe(reverse(event.get("text", "drawer")), loop).result(timeout=2)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
