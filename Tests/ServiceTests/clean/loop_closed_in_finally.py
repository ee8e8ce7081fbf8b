"""A loop by hand: set, used, taken out of the slot and closed, whatever happens."""

import asyncio


def handler(event, context):
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(asyncio.sleep(0.001, "done"))
    finally:
        asyncio.set_event_loop(None)
        loop.close()
