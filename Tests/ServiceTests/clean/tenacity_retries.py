# requires: tenacity
"""Tries until it works; the failures in between are nobody's."""

import asyncio

import tenacity


class Flaky:
    def __init__(self):
        self.calls = 0

    @tenacity.retry(stop=tenacity.stop_after_attempt(5), wait=tenacity.wait_fixed(0.001), reraise=True)
    async def call(self):
        self.calls += 1
        await asyncio.sleep(0)
        if self.calls < 3:
            raise ConnectionError("Event loop is closed")
        return self.calls


async def handler(event, context):
    return await Flaky().call()
