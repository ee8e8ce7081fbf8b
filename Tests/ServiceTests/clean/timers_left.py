"""Timers that have not fired when the loop is closed: they hold nothing, and go with it."""

import asyncio


async def main():
    loop = asyncio.get_running_loop()
    loop.call_later(3600, print, "never")
    cancelled = loop.call_later(0.001, print, "never")
    cancelled.cancel()
    await asyncio.sleep(0.002)
    return cancelled.cancelled()


def handler(event, context):
    return asyncio.run(main())
