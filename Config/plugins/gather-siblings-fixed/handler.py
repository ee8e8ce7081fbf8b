"""Who takes the error of one request looks after the others, as asyncio.TaskGroup does from Python 3.11 on."""

import asyncio


async def reserve(seat):
    if seat == 1:
        raise LookupError("seat 1 is taken")
    for _ in range(3):
        await asyncio.sleep(0.002)
    return seat


async def handler(event, context):
    requests = [asyncio.ensure_future(reserve(seat)) for seat in (1, 2)]
    try:
        return await asyncio.gather(*requests)
    except LookupError:
        for request in requests:
            request.cancel()
        await asyncio.gather(*requests, return_exceptions=True)
        return None
