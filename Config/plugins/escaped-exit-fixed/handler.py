"""Answers in every case: a result instead of sys.exit, and the cancellation is caught where the task is awaited."""

import asyncio


async def lookup(key):
    await asyncio.sleep(0.05)
    return key


async def work(key):
    task = asyncio.ensure_future(lookup(key))
    await asyncio.sleep(0)
    task.cancel()
    try:
        return await task
    except asyncio.CancelledError:
        return None


def handler(event, context):
    how = event.get("how", "return")
    if how == "exit":
        return {"how": how}
    if how == "cancel":
        return {"how": how, "found": asyncio.run(work("a"))}
    return {"how": how, "found": asyncio.run(lookup("a"))}
