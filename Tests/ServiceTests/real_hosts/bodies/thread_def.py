"""The name of the thread that a `def` handler is called in, and what of an earlier invocation is still in it."""

import threading

local = threading.local()


def handler(event, context):
    local.count = getattr(local, "count", 0) + 1
    return [threading.current_thread().name, local.count]
