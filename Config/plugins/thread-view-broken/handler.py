"""As in a Flask view: it worked in the main thread of the development server. Worker threads have no loop."""

import asyncio


async def load(user):
    await asyncio.sleep(0)
    return {"user": user}


async def audit(user):
    await asyncio.sleep(0)


def handler(event, context):
    mode = event.get("mode", "loop")
    if mode == "future":
        asyncio.ensure_future(audit("ann"))
        return None
    if mode == "task":
        asyncio.create_task(audit("ann"))
        return None
    loop = asyncio.get_event_loop()
    return loop.run_until_complete(load("ann"))
