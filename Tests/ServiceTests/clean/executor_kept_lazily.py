# payloads: [{"jobs": 1}, {"jobs": 2}, {"jobs": 3}, {"jobs": 4}, {"jobs": 4}, {"jobs": 4}, {"jobs": 4}, {"jobs": 4}]
"""A kept pool whose threads grow in number over the invocations, up to its limit and no further."""

import concurrent.futures
import threading

_pool = None


def pool():
    global _pool
    if _pool is None:
        _pool = concurrent.futures.ThreadPoolExecutor(max_workers=4)
    return _pool


def handler(event, context):
    barrier = threading.Barrier(event["jobs"])
    futures = [pool().submit(barrier.wait, 5) for _ in range(event["jobs"])]
    return sorted(future.result() for future in futures)
