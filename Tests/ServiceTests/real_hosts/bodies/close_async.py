"""An `async def` handler that closes the loop it runs on."""

import asyncio


async def handler(event, context):
    asyncio.get_running_loop().close()
