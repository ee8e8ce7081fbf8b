"""wait_for that gives up, and the answer is another one."""

import asyncio


async def slow(log):
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError:
        log.append("cleaned up")
        raise


async def main():
    log = []
    try:
        await asyncio.wait_for(slow(log), 0.005)
    except asyncio.TimeoutError:
        log.append("too late")
    log.append(await asyncio.wait_for(asyncio.sleep(0.001, "in time"), 5))
    return log


def handler(event, context):
    return asyncio.run(main())
