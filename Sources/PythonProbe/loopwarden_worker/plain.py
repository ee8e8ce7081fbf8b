"""Errors as Python itself tells them, with causes and marks, for a person who checks a handler at a terminal.

Imported when there is an error to tell: it takes 3 ms.
"""

from __future__ import annotations

import importlib
import traceback

from .faults import Fault, first_user, is_ours

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_IMPORT_MACHINERY = ("<frozen importlib", importlib.__file__)


def text(error: BaseException) -> str:
    """What Python would print for `error`, without the frames of the host, the probe and the import system."""
    if isinstance(error, Fault):
        if error.__cause__ is None:
            return "\n".join(["{}: {}".format(error.kind, error.message), *error.trace])
        error = error.__cause__
    told = traceback.TracebackException(type(error), error, first_user(error.__traceback__))
    _reduce(told, set())
    return "".join(told.format()).rstrip("\n")


def _reduce(told: Any, seen: set[int]) -> None:
    """Takes the frames out that are not the user's business, here and in what led to it."""
    if told is None or id(told) in seen:
        return
    seen.add(id(told))
    if told.stack is not None:
        told.stack[:] = [frame for frame in told.stack if not _is_machinery(frame.filename)]
    _reduce(told.__cause__, seen)
    _reduce(told.__context__, seen)
    for part in getattr(told, "exceptions", None) or ():
        _reduce(part, seen)


def _is_machinery(file: str) -> bool:
    return is_ours(file) or file.startswith(_IMPORT_MACHINERY)
