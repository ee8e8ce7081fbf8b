# python: >=3.11
# payloads: [{"async": true}, {}, {}, {"async": true}, {}, {}, {"async": true}]
"""The kept Runner stays idle in most invocations, and still has its use."""

import asyncio

_runner = None


def runner():
    global _runner
    if _runner is None:
        _runner = asyncio.Runner()
    return _runner


def handler(event, context):
    if event.get("async"):
        return runner().run(asyncio.sleep(0, "asked"))
    return "not asked"
