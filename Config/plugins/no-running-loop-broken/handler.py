"""Taken from an async web application: there a loop runs around every function, here around none."""

import asyncio


class NotAccepted(Exception):
    """The order was not accepted."""


async def audit(order):
    await asyncio.sleep(0)


def accept(order):
    asyncio.create_task(audit(order))
    return "accepted"


def handler(event, context):
    mode = event.get("mode", "raise")
    if mode == "raise":
        return accept("order 1")
    try:
        return accept("order 1")
    except Exception as error:
        if mode == "wrap":
            raise NotAccepted("order 1") from error
        return "accepted without audit"
