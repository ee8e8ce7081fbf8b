# python: >=3.10
"""A module-level Lock, contended in every invocation, and only ever on the one loop that is kept."""

import asyncio

_lock = asyncio.Lock()
_loop = None


async def critical(number):
    async with _lock:
        await asyncio.sleep(0)
        return number


async def main():
    return await asyncio.gather(*(critical(number) for number in range(4)))


def handler(event, context):
    global _loop
    if _loop is None:
        _loop = asyncio.new_event_loop()
    return _loop.run_until_complete(main())
