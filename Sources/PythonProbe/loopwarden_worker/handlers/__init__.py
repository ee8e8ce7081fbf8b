"""What a handler can be: one file for each kind, one line in ALL_KINDS, imported when a worker has one of it.

Each file has a function `load(name)`, which imports the user's code and returns a `Handler`.
"""

from __future__ import annotations

import importlib

from .base import Handler

__all__ = ("ALL_KINDS", "Handler", "load")

ALL_KINDS = {
    "lambda": "functions",
    "app": "apps",
    "asgi": "asgi",
    "wsgi": "wsgi",
    "notebook": "notebook",
    "tests": "tests",
}


def load(kind: str, name: str) -> Handler:
    """Imports the handler `name`, which is of the kind `kind`.

    :raises Fault: when there is no such handler, or it is of a kind that cannot answer.
    :raises LookupError: when there is no such kind.
    """
    if kind not in ALL_KINDS:
        raise LookupError("There is no kind of handler '{}'. Use one of: {}.".format(kind, ", ".join(ALL_KINDS)))
    loader = importlib.import_module("." + ALL_KINDS[kind], __name__)
    handler: Handler = loader.load(name)
    return handler
