# info: windows-unsafe
# requires: uvloop
"""uvloop's own run()."""

import asyncio

import uvloop


async def name_of_loop():
    await asyncio.sleep(0.001)
    return type(asyncio.get_running_loop()).__module__


def handler(event, context):
    return uvloop.run(name_of_loop())
