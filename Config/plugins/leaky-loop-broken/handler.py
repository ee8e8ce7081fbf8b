"""Always answers, until the process has no descriptor left: every invocation makes a loop and forgets it."""

import asyncio


async def total(prices):
    await asyncio.sleep(0)
    return {"total": sum(prices)}


def handler(event, context):
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    return loop.run_until_complete(total(event.get("prices", [])))
