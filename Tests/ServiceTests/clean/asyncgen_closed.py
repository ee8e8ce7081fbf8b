# python: >=3.10
"""An asynchronous generator that is left early, and closed by aclosing."""

import asyncio
import contextlib


async def rows(log):
    try:
        for number in range(100):
            await asyncio.sleep(0)
            yield number
    finally:
        await asyncio.sleep(0)
        log.append("closed")


async def main():
    log = []
    async with contextlib.aclosing(rows(log)) as generator:
        async for number in generator:
            if number == 2:
                break
    return log


def handler(event, context):
    return asyncio.run(main())
