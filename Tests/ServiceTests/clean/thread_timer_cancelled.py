"""A timer thread that is cancelled, and one that fires and is joined."""

import threading


def handler(event, context):
    fired = []
    late, soon = threading.Timer(3600, fired.append, "l"), threading.Timer(0.001, fired.append, "s")
    late.start()
    soon.start()
    soon.join()
    late.cancel()
    late.join()
    return fired
