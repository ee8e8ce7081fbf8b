"""Runs coroutines for code that is not async itself."""

import asyncio


def run(coroutine):
    """The coroutine's result. Closes the loop, so that nothing is left open."""
    loop = asyncio.get_event_loop()
    try:
        return loop.run_until_complete(coroutine)
    finally:
        loop.close()
