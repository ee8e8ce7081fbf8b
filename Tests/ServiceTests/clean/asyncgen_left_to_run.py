"""A generator that is left early, dropped, and closed by the loop, as Python promises for what asyncio.run runs."""

import asyncio


async def rows(log):
    try:
        for number in range(100):
            await asyncio.sleep(0)
            yield number
    finally:
        log.append("closed")


async def first(log):
    async for number in rows(log):
        return number


async def main(log):
    number = await first(log)
    await asyncio.sleep(0.001)
    return number


def handler(event, context):
    log = []
    return [asyncio.run(main(log)), log]
