"""What is not wanted any more is cancelled and awaited; what must be done is awaited to its end."""

import asyncio


async def ask(mirror):
    await asyncio.sleep(0.001 if mirror == "near" else 0.1)
    return mirror


async def save(order):
    await asyncio.sleep(0.01)
    return order


async def handler(event, context):
    saving = asyncio.ensure_future(save(7))
    try:
        await asyncio.wait_for(asyncio.shield(saving), 0.002)
    except asyncio.TimeoutError:
        print("saving takes long")
    requests = [asyncio.ensure_future(ask(mirror)) for mirror in ("near", "far")]
    done, pending = await asyncio.wait(requests, return_when=asyncio.FIRST_COMPLETED)
    for request in pending:
        request.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    return [done.pop().result(), await saving]
