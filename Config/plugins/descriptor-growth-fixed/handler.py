"""Closes what it opens, and keeps a pool that has a limit."""

import os

_pool = []
_LIMIT = 3


def journal(event):
    with open("/dev/null", "w") as log:
        log.write(str(event))


def connection(number):
    if len(_pool) < _LIMIT:
        _pool.append(open("/dev/null", "rb"))  # noqa: SIM115
    return _pool[number % len(_pool)]


def handler(event, context):
    journal(event)
    number = event.get("number", 0)
    return os.fstat(connection(number).fileno()).st_size
