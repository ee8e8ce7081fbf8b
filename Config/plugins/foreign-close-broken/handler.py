"""Takes the host's loop for its own."""

import asyncio


async def lookup(key):
    await asyncio.sleep(0)
    return {"key": key, "found": True}


def handler(event, context):
    loop = asyncio.get_event_loop()
    try:
        return loop.run_until_complete(lookup(event.get("key", "a")))
    finally:
        loop.close()
