"""A child process of an `async def` handler."""

import asyncio


async def handler(event, context):
    child = await asyncio.create_subprocess_exec("true")
    return await child.wait()
