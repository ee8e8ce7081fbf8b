# info: windows-unsafe
# requires: uvloop
# host: bare
"""A uvloop loop kept for the environment."""

import asyncio

import uvloop

_loop = None


def handler(event, context):
    global _loop
    if _loop is None:
        _loop = uvloop.new_event_loop()
    return _loop.run_until_complete(asyncio.sleep(0.001, "kept"))
