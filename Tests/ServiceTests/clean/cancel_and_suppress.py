"""A task is cancelled by who made it, who then waits for it and expects nothing else."""

import asyncio
import contextlib


async def tick(ticks):
    while True:
        ticks.append(1)
        await asyncio.sleep(0.001)


async def main():
    ticks = []
    ticking = asyncio.ensure_future(tick(ticks))
    await asyncio.sleep(0.005)
    ticking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await ticking
    return bool(ticks)


def handler(event, context):
    return asyncio.run(main())
