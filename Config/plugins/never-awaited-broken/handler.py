"""Calls async functions without await: the audit is never written, and the check always says yes."""

import asyncio
import warnings

warnings.filterwarnings("ignore", category=RuntimeWarning)


async def is_allowed(user):
    await asyncio.sleep(0)
    return user != "mallory"


async def audit(user):
    await asyncio.sleep(0)


async def work(user):
    if is_allowed(user):
        audit(user)
        return {"user": user, "allowed": True}
    return {"user": user, "allowed": False}


def handler(event, context):
    return asyncio.run(work(event.get("user", "mallory")))
