"""time.sleep where no loop runs blocks nobody but who asked for it."""

import asyncio
import time


def handler(event, context):
    time.sleep(0.3)
    result = asyncio.run(asyncio.sleep(0.001, "rested"))
    time.sleep(0.2)
    return result
