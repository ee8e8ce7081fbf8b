"""close() of a closed loop and questions to it are allowed and do nothing."""

import asyncio
import contextlib


def handler(event, context):
    loop = asyncio.new_event_loop()
    with contextlib.closing(loop):
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
    loop.close()
    return [loop.is_closed(), loop.is_running(), loop.get_debug(), "closed" in repr(loop)]
