# python: >=3.11
"""Deadlines that pass: each cancels the task it is in, and takes the cancellation back."""

import asyncio


async def limited(seconds):
    try:
        async with asyncio.timeout(seconds):
            await asyncio.sleep(3600)
    except TimeoutError:
        return "late"


async def nested():
    try:
        async with asyncio.timeout(5):
            return await limited(0.001)
    finally:
        await asyncio.sleep(0)


async def handler(event, context):
    return [await limited(0.001), await nested()]
