# python: >=3.11
# host: bare
"""A Runner that is never closed: it is kept for the environment, whose end takes it."""

import asyncio

runner = asyncio.Runner()
state = {}


async def count():
    lock = state.setdefault("lock", asyncio.Lock())
    async with lock:
        state["calls"] = state.get("calls", 0) + 1
    return state["calls"]


def handler(event, context):
    return runner.run(count())
