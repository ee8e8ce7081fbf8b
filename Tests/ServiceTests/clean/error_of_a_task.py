# outcome: error
"""A handler that fails because one of its tasks did; gather has cancelled nobody and lost nothing."""

import asyncio


async def fail():
    await asyncio.sleep(0.001)
    raise ValueError("bad input")


async def main():
    await asyncio.gather(fail(), asyncio.sleep(0.001))


def handler(event, context):
    asyncio.run(main())
