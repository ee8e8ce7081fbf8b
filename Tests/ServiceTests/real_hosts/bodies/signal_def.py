"""A signal handler that a `def` handler sets."""

import signal


def handler(event, context):
    signal.signal(signal.SIGUSR2, signal.SIG_IGN)
    return "set"
