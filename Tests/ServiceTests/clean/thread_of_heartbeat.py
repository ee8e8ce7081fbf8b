"""A daemon thread that a library would start at the first use, and which lives as long as the environment."""

import threading

_started = None
_stop = threading.Event()


def beat():
    while not _stop.wait(0.05):
        pass


def handler(event, context):
    global _started
    if _started is None:
        _started = threading.Thread(target=beat, name="heartbeat", daemon=True)
        _started.start()
    return _started.is_alive()
