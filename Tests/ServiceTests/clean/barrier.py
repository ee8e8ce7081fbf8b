# python: >=3.11
"""Tasks that meet at a barrier."""

import asyncio


async def meet(barrier):
    async with barrier as position:
        return position


async def handler(event, context):
    barrier = asyncio.Barrier(3)
    return sorted(await asyncio.gather(*(meet(barrier) for _ in range(3))))
