"""Whether a loop runs while the handler is imported."""

import asyncio

try:
    asyncio.get_running_loop()
    found = "a loop runs"
except RuntimeError as error:
    found = str(error)


async def handler(event, context):
    return found
