"""Remembers where objects that belong to a loop were made: asyncio's locks, queues, streams and processes.

Not an event each: nearly all of them are never anybody's trouble. The line stays on the object itself, as a number.
"""

from __future__ import annotations

import functools
import sys
from sys import _getframe

from .. import facts
from .base import Hook, too_deep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

# Attributes of the objects: site | ordinal of the invocation << 32.
MADE = "_loopwarden_made"
BOUND = "_loopwarden_bound"  # to its loop: where it first had to wait there (from 3.10 on)

# Each with what it makes for itself, which goes by its line.
_CLASSES = (
    ("locks", "Lock"),
    ("locks", "Event"),
    ("locks", "Condition"),
    ("locks", "Semaphore"),
    ("queues", "Queue"),
    ("streams", "StreamReader"),
    ("streams", "StreamWriter"),
    ("subprocess", "Process"),
)
_MAKERS = (("queues", "Queue"), ("locks", "Condition"), ("locks", "Barrier"))

# Before 3.10 these constructors warn of their `loop` argument and blame their caller's line. The warnings module leaves
# out frames of files with both words in their names (see its _is_internal_frame), so that it stays the user's line.
_UNBLAMED_FILE = "<importlib._bootstrap, or rather loopwarden_probe>"


class MakingHook(Hook):
    name = "making"

    def attach_asyncio(self, asyncio: Any) -> None:
        self._inner: set[CodeType] = set()
        for module, name in _MAKERS:
            cls = getattr(getattr(asyncio, module), name, None)  # no Barrier before 3.11
            if cls is not None:
                self._inner.add(cls.__init__.__code__)
        for module, name in _CLASSES:
            self.patches.replace(getattr(getattr(asyncio, module), name), "__init__", self._wrap)

    def _wrap(self, original: Any) -> Any:
        inner, of_caller, journal = self._inner, self.sites.of_caller, self.journal

        @functools.wraps(original)
        def __init__(made: Any, *args: Any, **kwargs: Any) -> None:
            original(made, *args, **kwargs)
            if self.is_on:
                try:
                    frame = _getframe(1)
                    if frame.f_code not in inner:
                        made._loopwarden_made = of_caller(frame) | journal.high_word
                except AttributeError:
                    pass  # a class of the user's that takes no attributes
                except RecursionError:
                    too_deep()
                except Exception as error:
                    self.failed(error)

        if sys.version_info < (3, 10):
            __init__.__code__ = __init__.__code__.replace(co_filename=_UNBLAMED_FILE)
        return __init__


def remembered(thing: Any, attribute: str, role: str) -> tuple[str, int, int]:
    """(role, site, ordinal) for `Hook.report`, of what stands on an object; site 0: nothing does."""
    try:
        value = object.__getattribute__(thing, attribute)
    except (AttributeError, TypeError):
        return role, 0, 0
    ordinal = value >> 32
    return role, value & 0xFFFFFFFF, -1 if ordinal == facts.NO_ORDINAL else ordinal
