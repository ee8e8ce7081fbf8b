"""get_running_loop() in a `def` handler."""

import asyncio


def handler(event, context):
    return asyncio.get_running_loop().is_running()
