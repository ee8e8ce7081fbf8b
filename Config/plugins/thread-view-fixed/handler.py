"""asyncio.run makes a loop in whatever thread it is called, runs all of the work, and closes the loop."""

import asyncio


async def load(user):
    await asyncio.sleep(0)
    return {"user": user}


async def audit(user):
    await asyncio.sleep(0)


async def view(user):
    found, _ = await asyncio.gather(load(user), audit(user))
    return found


def handler(event, context):
    return asyncio.run(view("ann"))
