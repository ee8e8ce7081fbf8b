"""A `def` handler that sends a coroutine to the loop that ran at import, and waits for its result."""

import asyncio

try:
    loop = asyncio.get_running_loop()
except RuntimeError:
    loop = None


async def work():
    return 7


def handler(event, context):
    if loop is None:
        return "no loop ran at import"
    future = asyncio.run_coroutine_threadsafe(work(), loop)
    try:
        return future.result(0.2)
    finally:
        future.cancel()
