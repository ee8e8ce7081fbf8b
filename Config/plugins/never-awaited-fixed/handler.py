"""Awaits what it calls; what it decides not to run it closes."""

import asyncio


async def is_allowed(user):
    await asyncio.sleep(0)
    return user != "mallory"


async def audit(user):
    await asyncio.sleep(0)


async def work(user):
    record = audit(user)
    if await is_allowed(user):
        await record
        return {"user": user, "allowed": True}
    record.close()
    return {"user": user, "allowed": False}


def handler(event, context):
    return asyncio.run(work(event.get("user", "mallory")))
