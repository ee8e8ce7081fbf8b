"""Asks for a running loop where there may be none, and takes the error for an answer."""

import asyncio


def in_loop():
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


async def inside():
    return in_loop()


def handler(event, context):
    return [in_loop(), asyncio.run(inside()), in_loop()]
