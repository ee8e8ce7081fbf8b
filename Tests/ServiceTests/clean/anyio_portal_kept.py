# requires: anyio
"""A portal that is opened once and never left: a service thread with a loop."""

import anyio
from anyio.from_thread import BlockingPortalProvider

_portal = None
_provider = BlockingPortalProvider()


def portal():
    global _portal
    if _portal is None:
        _portal = _provider.__enter__()
    return _portal


def handler(event, context):
    return portal().call(anyio.sleep, 0.001)
