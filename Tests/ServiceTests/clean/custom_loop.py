"""A loop class that overrides what the probe looks at."""

import asyncio


class CountingLoop(asyncio.SelectorEventLoop):
    def __init__(self):
        self.calls = 0
        super().__init__()

    def call_soon(self, callback, *args, context=None):
        self.calls += 1
        return super().call_soon(callback, *args, context=context)

    def run_forever(self):
        return super().run_forever()

    def close(self):
        super().close()

    def is_closed(self):
        return super().is_closed()


def handler(event, context):
    loop = CountingLoop()
    try:
        loop.run_until_complete(asyncio.sleep(0))
    finally:
        loop.close()
    return loop.calls > 0
