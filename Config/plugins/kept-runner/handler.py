"""Keeps one loop for all invocations, so that clients and caches on it stay valid."""

import asyncio
import atexit

_kept = None


class _OldRunner:
    """asyncio.Runner as far as this handler needs it, for Python before 3.11."""

    def __init__(self):
        self._loop = asyncio.new_event_loop()

    def run(self, coroutine):
        return self._loop.run_until_complete(coroutine)

    def close(self):
        self._loop.close()


def runner():
    global _kept
    if _kept is None:
        _kept = getattr(asyncio, "Runner", _OldRunner)()
        atexit.register(_kept.close)
    return _kept


async def count(words):
    await asyncio.sleep(0)
    return {"words": len(words.split())}


def handler(event, context):
    return runner().run(count(event.get("text", "one two three")))
