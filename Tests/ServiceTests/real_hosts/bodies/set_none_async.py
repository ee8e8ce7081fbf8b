"""set_event_loop(None) in an `async def` handler; what get_event_loop() says after it."""

import asyncio


async def handler(event, context):
    asyncio.set_event_loop(None)
    await asyncio.sleep(0)
    return asyncio.get_event_loop() is asyncio.get_running_loop()
