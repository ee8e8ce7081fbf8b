"""A loop in a module global that nobody closes: made once, used by every invocation."""

import asyncio

_loop = None


def loop():
    global _loop
    if _loop is None:
        _loop = asyncio.new_event_loop()
    return _loop


def handler(event, context):
    return loop().run_until_complete(asyncio.sleep(0.001, "kept"))
