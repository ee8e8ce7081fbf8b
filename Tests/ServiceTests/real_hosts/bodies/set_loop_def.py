"""A loop that the first invocation makes the current one; whether it still is, is seen in the next."""

import asyncio
import warnings

warnings.simplefilter("ignore")
loop = None


def handler(event, context):
    global loop
    if loop is None:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
    return asyncio.get_event_loop() is loop
