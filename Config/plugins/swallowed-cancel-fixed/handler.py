"""Retries what fails; told to stop, it cleans up and lets the cancellation through."""

import asyncio


async def upload(parts):
    try:
        for part in parts:
            try:
                await asyncio.sleep(0.02)  # a request with the part
            except Exception:
                print("part", part, "failed, going on")
    except asyncio.CancelledError:
        await asyncio.sleep(0.005)  # takes back what is there
        raise


async def work(parts):
    task = asyncio.ensure_future(upload(range(parts)))
    await asyncio.sleep(0.005)
    task.cancel()  # the client has gone
    return {"stopped": True}


def handler(event, context):
    return asyncio.run(work(event.get("parts", 3)))
