"""A QueueListener's thread, started at import and never stopped."""

import logging
import logging.handlers
import queue

_queue = queue.SimpleQueue()
_listener = logging.handlers.QueueListener(_queue, logging.NullHandler())
_listener.start()
_log = logging.getLogger("clean")
_log.addHandler(logging.handlers.QueueHandler(_queue))
_log.propagate = False


def handler(event, context):
    _log.error("Event loop is closed")
    _log.warning("Task was destroyed but it is pending!")
    return _listener is not None
