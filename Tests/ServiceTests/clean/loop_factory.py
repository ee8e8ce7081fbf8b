# python: >=3.12
"""asyncio.run with a factory, which never sets the current loop."""

import asyncio


async def name_of_loop():
    await asyncio.sleep(0)
    return type(asyncio.get_running_loop()).__name__


def handler(event, context):
    return asyncio.run(name_of_loop(), loop_factory=asyncio.SelectorEventLoop)
