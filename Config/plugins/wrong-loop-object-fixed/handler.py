"""Each invocation makes the lock that its own calls wait for."""

import asyncio

_total = 0


async def add(amount, lock):
    global _total
    async with lock:
        before = _total
        await asyncio.sleep(0.001)
        _total = before + amount


async def handler(event, context):
    lock = asyncio.Lock()
    await asyncio.gather(add(1, lock), add(2, lock))
    return {"total": _total}
