"""Every invocation closes the loop that it made, and takes it out of the thread's slot."""

import asyncio


async def total(prices):
    await asyncio.sleep(0)
    return {"total": sum(prices)}


def handler(event, context):
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(total(event.get("prices", [])))
    finally:
        asyncio.set_event_loop(None)
        loop.close()
