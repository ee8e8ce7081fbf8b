"""asgiref by itself: a `def` by sync_to_async inside a loop, an `async def` by async_to_sync where there is none."""

import asyncio
import time

import driving
from asgiref.sync import async_to_sync, sync_to_async


def call(body):
    if not body.is_async:
        return asyncio.run(inside(body))
    body.load()
    return list(outside(body))


async def inside(body):
    body.load()
    outcomes = []
    for _ in range(driving.INVOCATIONS):
        outcomes.append(await asyncio.ensure_future(sync_to_async(body.call)()))
        await asyncio.sleep(body.pause_seconds)
    return outcomes


def outside(body):
    for _ in range(driving.INVOCATIONS):
        yield async_to_sync(body.await_)()
        time.sleep(body.pause_seconds)


driving.call_each(call)
