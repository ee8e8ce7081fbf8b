"""Fine cold, broken warm: the pool waits on the loop of the first invocation."""

import asyncio

import minipool

_pool = None


async def pool():
    global _pool
    if _pool is None:
        _pool = await minipool.create_pool(1)
    return _pool


async def ask(question):
    connections = await pool()
    return await connections.fetch(question)


async def handler(event, context):
    await pool()
    return {"answers": await asyncio.gather(ask("how"), ask("why"))}
