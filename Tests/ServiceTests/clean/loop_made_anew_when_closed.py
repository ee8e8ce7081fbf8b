# host: bare
# loop: asyncio
# info: deprecated-api
"""Closes the current loop and leaves it there, but looks before it uses it, and makes another one then."""

import asyncio


async def work():
    await asyncio.sleep(0)
    return "done"


def current_loop():
    loop = asyncio.get_event_loop()
    if loop.is_closed():
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
    return loop


def handler(event, context):
    loop = current_loop()
    try:
        return loop.run_until_complete(work())
    finally:
        loop.close()
