"""Fine cold, broken warm: the lock outlives the loop on which somebody first had to wait for it."""

import asyncio

_lock = None
_total = 0


def lock():
    global _lock
    if _lock is None:
        _lock = asyncio.Lock()
    return _lock


async def add(amount):
    global _total
    async with lock():
        before = _total
        await asyncio.sleep(0.001)
        _total = before + amount


async def handler(event, context):
    mode = event.get("mode")
    for result in await asyncio.gather(add(1), add(2), return_exceptions=True):
        if isinstance(result, RuntimeError):
            if mode == "raise":
                raise result
            if mode == "wrap":
                raise ValueError("could not count") from result
    return {"total": _total}
