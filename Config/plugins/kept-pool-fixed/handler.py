"""The pool lives as long as the loop: made in the invocation."""

import asyncio

import minipool


async def handler(event, context):
    pool = await minipool.create_pool(1)
    return {"answers": await asyncio.gather(pool.fetch("how"), pool.fetch("why"))}
