# outcome: error
"""A deadline of the handler's own is the error that it reports."""

import asyncio


async def handler(event, context):
    await asyncio.wait_for(asyncio.sleep(3600), 0.005)
