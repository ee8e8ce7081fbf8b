"""Sees the user's own lines use what asyncio deprecates or has taken out in a Python version ahead.

Nothing is patched from 3.14 on, where asyncio itself warns and has to blame the line that called it.
"""

from __future__ import annotations

import functools
import linecache
import os
import sys
from sys import _getframe

from .. import facts
from ..sites import HOST, LIBRARY, USER
from .base import Hook, too_deep
from .expected import handler_around

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType, ModuleType
    from typing import Any

    from ..probe import Probe

# The package's own names: the modules of asyncio use those of each other.
_FUNCTIONS = (
    "iscoroutinefunction",
    "get_event_loop_policy",
    "set_event_loop_policy",
    "get_child_watcher",
    "set_child_watcher",
)
_FIRST_TO_WARN = (3, 14)
# On 3.8 to 3.10: the modules that warn of what 3.10 and 3.11 have taken out, and how their texts begin.
_WARNING_MODULES = ("coroutines", "locks", "queues", "streams", "subprocess", "tasks")
_WARNINGS = (
    ('"@coroutine" decorator is deprecated', "coroutine"),
    ("The loop argument is deprecated", "loop="),
    ("The explicit passing of coroutine objects to asyncio.wait() is deprecated", "wait"),
)
_DEEPEST = 20


class DeprecatedHook(Hook):
    name = "deprecated"

    def __init__(self, probe: Probe) -> None:
        super().__init__(probe)
        self._told: set[tuple[int, str]] = set()
        self.needs = {"at_loaded": self.loops.implicit, "at_return": self.loops.implicit, "at_wake": self._told}

    def attach_asyncio(self, asyncio: Any) -> None:
        if sys.version_info >= _FIRST_TO_WARN:
            return
        for name in _FUNCTIONS:
            if hasattr(asyncio, name):
                self.patches.replace(asyncio, name, functools.partial(self._wrap, name))
        if sys.version_info < (3, 11):
            for name in _WARNING_MODULES:
                module: Any = getattr(asyncio, name, None)
                if hasattr(module, "warnings"):
                    self.patches.replace(module, "warnings", self._listening)

    def at_loaded(self) -> None:
        self._look_for_loops()

    def at_return(self) -> None:
        self._look_for_loops()

    def at_wake(self) -> None:
        self._told.clear()

    def _wrap(self, name: str, original: Any) -> Any:
        used = self._used

        @functools.wraps(original)
        def function(*args: Any, **kwargs: Any) -> Any:
            result = original(*args, **kwargs)
            used(name, _getframe(1))
            return result

        return function

    def _listening(self, warnings: ModuleType) -> Any:
        """Stands for the module `warnings` in one of asyncio's: sees what it warns of, filtered out or not."""
        used = self._used

        class Listening:
            def __getattr__(self, name: str) -> Any:
                return getattr(warnings, name)

            def warn(self, message: Any, category: Any = None, stacklevel: int = 1, source: Any = None) -> None:
                for text, name in _WARNINGS if type(message) is str else ():
                    if message.startswith(text):
                        used(name, _getframe(1))
                warnings.warn(message, category, stacklevel + 1, source)

        return Listening()

    def _used(self, name: str, frame: FrameType | None) -> None:
        """`frame` or who has called it uses what is deprecated; told where that is the user's, not a library's."""
        if self.is_on:
            try:
                for _ in range(_DEEPEST):
                    if frame is None:
                        return
                    kind = self.sites.kind_of(frame.f_code)
                    if kind == USER:
                        self._tell(name, self.sites.of_frame(frame))
                        return
                    if kind == LIBRARY or kind == HOST:
                        return
                    frame = frame.f_back
            except RecursionError:
                too_deep()
            except Exception as error:
                self.failed(error)

    def _tell(self, name: str, site: int) -> None:
        if (site, name) not in self._told:
            self._told.add((site, name))
            self.report(facts.DEPRECATED_API, 0, 0, site, name)

    def _look_for_loops(self) -> None:
        """Tells of get_event_loop() where it made a loop unasked in this phase: from 3.14 on it raises."""
        implicit = self.loops.implicit[:]
        self.loops.implicit.clear()
        for record in implicit:
            if record.created_epoch == self.journal.epoch and record() is not None:
                place = self.journal.place(record.site)
                if place is not None and place[0] & facts.SITE_IS_USER_CODE and not self._is_guarded(*place):
                    self._tell("get_event_loop", record.site)

    def _is_guarded(self, flags: int, file: str, line: int) -> bool:
        """Whether a line expects the RuntimeError that it will be."""
        if flags & facts.SITE_IS_UNDER_ROOT and self.sites.root is not None:
            file = os.path.join(self.sites.root, file)
        return handler_around(linecache.getlines(file), line, "RuntimeError") == "RuntimeError"
