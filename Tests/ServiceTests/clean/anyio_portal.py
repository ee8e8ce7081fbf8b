# requires: anyio
"""A blocking portal: a loop in a thread for synchronous code, gone with the with statement."""

import anyio
from anyio.from_thread import start_blocking_portal


async def double(number):
    await anyio.sleep(0.001)
    return number * 2


def handler(event, context):
    with start_blocking_portal() as portal:
        future = portal.start_task_soon(double, 4)
        return [portal.call(double, 2), future.result(5)]
