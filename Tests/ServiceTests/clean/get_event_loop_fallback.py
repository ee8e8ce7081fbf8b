# info: deprecated-api
"""The old recipe: the current loop, or a new one where there is none or a closed one; kept in the slot for good."""

import asyncio


def get_loop():
    try:
        loop = asyncio.get_event_loop()
    except RuntimeError:
        loop = None
    if loop is None or loop.is_closed():
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
    return loop


def handler(event, context):
    return get_loop().run_until_complete(asyncio.sleep(0.001, "found"))
