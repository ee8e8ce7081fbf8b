"""Retries whatever happens, also when it is told to stop: the upload goes on after its cancellation."""

import asyncio


async def upload(parts):
    for part in parts:
        try:
            await asyncio.sleep(0.02)  # a request with the part
        except BaseException:
            print("part", part, "failed, going on")


async def work(parts):
    task = asyncio.ensure_future(upload(range(parts)))
    await asyncio.sleep(0.005)
    task.cancel()  # the client has gone
    return {"stopped": True}


def handler(event, context):
    return asyncio.run(work(event.get("parts", 3)))
