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
    mode = event.get("mode", "raise")
    try:
        await asyncio.gather(add(1), add(2))
    except RuntimeError as error:
        if mode == "raise":
            raise
        if mode == "wrap":
            raise ValueError("could not count") from error
    return {"total": _total}
