"""A child that takes too long is killed and then waited for."""

import asyncio


async def main():
    child = await asyncio.create_subprocess_exec("sleep", "3600")
    try:
        await asyncio.wait_for(child.wait(), 0.01)
    except asyncio.TimeoutError:
        child.kill()
    return await child.wait()


def handler(event, context):
    return asyncio.run(main())
