"""Futures that nobody awaits: one cancelled, one with a result, one with an exception that was looked at."""

import asyncio


async def main():
    loop = asyncio.get_running_loop()
    cancelled, done, failed = (loop.create_future() for _ in range(3))
    cancelled.cancel()
    done.set_result(1)
    failed.set_exception(ValueError("seen"))
    return [cancelled.cancelled(), done.result(), str(failed.exception())]


def handler(event, context):
    return asyncio.run(main())
