"""A shielded task survives the timeout of who waits for it, and is awaited afterwards."""

import asyncio


async def save():
    await asyncio.sleep(0.02)
    return "saved"


async def handler(event, context):
    saving = asyncio.ensure_future(save())
    try:
        return await asyncio.wait_for(asyncio.shield(saving), 0.001)
    except asyncio.TimeoutError:
        return "late, but " + await saving
