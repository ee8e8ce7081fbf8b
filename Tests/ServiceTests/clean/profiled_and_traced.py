"""A profiler and a tracer look on while the loop runs."""

import asyncio
import cProfile
import sys
import threading


async def work():
    await asyncio.gather(*(asyncio.sleep(0) for _ in range(5)))
    return "watched"


def handler(event, context):
    calls = []
    profile = cProfile.Profile()
    first = profile.runcall(asyncio.run, work())
    before = sys.gettrace()
    sys.settrace(lambda frame, event, argument: calls.append(event))
    threading.settrace(None)
    try:
        second = asyncio.run(work())
    finally:
        sys.settrace(before)
    return [first, second, len(calls) > 5]
