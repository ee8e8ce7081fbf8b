"""sync_to_async calls the helper in a thread, from which async_to_sync finds the view's loop again."""

import asyncio

from asgiref.sync import async_to_sync, sync_to_async


async def load(user):
    await asyncio.sleep(0)
    return {"user": user}


def profile(user):
    return async_to_sync(load)(user)


async def handler(event, context):
    return [await load("ann"), await sync_to_async(profile)("ann")]
