"""The slow request goes on after the first answer, and shield() keeps wait_for from cancelling it."""

import asyncio


async def ask(mirror):
    await asyncio.sleep(0.001 if mirror == "near" else 0.1)
    return mirror


async def save(order):
    await asyncio.sleep(0.1)
    return order


async def handler(event, context):
    if event.get("mode") == "shield":
        try:
            return await asyncio.wait_for(asyncio.shield(save(7)), 0.005)
        except asyncio.TimeoutError:
            return None
    requests = [asyncio.ensure_future(ask(mirror)) for mirror in ("near", "far")]
    done, pending = await asyncio.wait(requests, return_when=asyncio.FIRST_COMPLETED)
    return done.pop().result()
