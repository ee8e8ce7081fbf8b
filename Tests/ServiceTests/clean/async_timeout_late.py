# requires: async_timeout
"""async_timeout, which cancels the task it is in and takes that back."""

import asyncio

import async_timeout


async def handler(event, context):
    try:
        async with async_timeout.timeout(0.005):
            await asyncio.sleep(3600)
    except asyncio.TimeoutError:
        return "late"
