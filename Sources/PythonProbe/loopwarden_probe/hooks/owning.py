"""Tells whether a thread goes on using a loop."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any, Iterable

_DEEPEST_FRAME = 200


def is_in_use(loop: Any, threads: Iterable[int]) -> bool:
    """Whether one of some threads, by ident, is alive and has `loop` in a local variable, or in an attribute of one.

    A thread that is over, or has handed its loop over, has not.
    """
    frames = sys._current_frames()
    return any(_has(loop, frames.get(ident)) for ident in threads)


def _has(loop: Any, frame: FrameType | None) -> bool:
    for _ in range(_DEEPEST_FRAME):
        if frame is None:
            return False
        for value in list(frame.f_locals.values()):
            if value is loop or any(each is loop for each in attributes(value)):
                return True
        frame = frame.f_back
    return False


def attributes(value: Any) -> list[Any]:
    """What stands in an object's own attributes. Nothing of the user's is called."""
    try:
        attributes = object.__getattribute__(value, "__dict__")
    except (AttributeError, TypeError):
        return []
    return list(attributes.values()) if type(attributes) is dict else []
