"""Each thread of a kept pool keeps a loop of its own in a threading.local: never more loops than threads."""

import asyncio
import concurrent.futures
import threading

_local = threading.local()
_pool = concurrent.futures.ThreadPoolExecutor(2)


def call(number):
    if not hasattr(_local, "loop"):
        _local.loop = asyncio.new_event_loop()
    return _local.loop.run_until_complete(asyncio.sleep(0.001, number))


def handler(event, context):
    return list(_pool.map(call, range(8)))
