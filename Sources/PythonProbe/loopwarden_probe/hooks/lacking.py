"""Sees what comes out of the handler because this Python has a part of asyncio no longer, or not yet."""

from __future__ import annotations

import sys

from .. import facts
from ..sites import PROBE
from .base import Hook
from .mentioning import names_of_line
from .raising import chain, is_raised_by

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

# The parts of texts that a name stands between.
_ATTRIBUTE = ("module 'asyncio' has no attribute '", "'")
_IMPORT = ("cannot import name '", "' from 'asyncio' (")
_OF_TASK = ("type object '_asyncio.Task' has no attribute '", "'")
_PARAMETER = "() got an unexpected keyword argument '"
_LOOP_REMOVED = "As of 3.10, the *loop* parameter was removed from "
_COROUTINES = "Passing coroutines is forbidden, use tasks explicitly."


class LackingHook(Hook):
    name = "lacking"

    def at_raise(self, error: BaseException) -> None:
        for inner, outer, has_escaped in chain(error):
            text = inner.args[0] if inner.args else None
            traceback = inner.__traceback__
            if not has_escaped or type(text) is not str or traceback is None or "asyncio" not in sys.modules:
                continue
            name = self._name(inner, text, traceback)
            if name and is_raised_by(inner, ("asyncio", "typing", "_frozen_importlib", "importlib")):
                self.report(facts.DEPRECATED_API, facts.IS_LACKING, 0, self.sites.of_traceback(*outer), name)

    def _name(self, error: BaseException, text: str, traceback: TracebackType) -> str:
        """What is lacking; "" where it is nothing of asyncio's."""
        kind = type(error)
        if kind is AttributeError:
            method = _between(text, *_OF_TASK)
            return "Task." + method if method else _between(text, *_ATTRIBUTE)
        if kind is ImportError:
            return _between(text, *_IMPORT)
        if kind is TypeError:
            if text == _COROUTINES:
                return "wait"
            if text.startswith(_LOOP_REMOVED):
                return "loop="
            function, _, parameter = text.partition(_PARAMETER)
            if parameter == "loop'" and self._is_asyncios(function, traceback):
                return "loop="
            if parameter == "loop_factory'" and function == "run" and self._is_asyncios(function, traceback):
                return "loop_factory="
        return ""

    def _is_asyncios(self, function: str, traceback: TracebackType) -> bool:
        """Whether `name` or `Type.__init__`, called in the innermost frame not of the probe, is asyncio's."""
        frame, line = traceback.tb_frame, traceback.tb_lineno
        following = traceback.tb_next
        while following is not None:
            if self.sites.kind_of(following.tb_frame.f_code) != PROBE:
                frame, line = following.tb_frame, following.tb_lineno
            following = following.tb_next
        name = function.partition(".")[0]
        owned = getattr(sys.modules["asyncio"], name, None)
        if owned is None or not str(getattr(owned, "__module__", "")).startswith("asyncio"):
            return False
        return frame.f_globals.get(name) is owned or {"asyncio", name} <= names_of_line(frame.f_code, line)[0]


def _between(text: str, before: str, after: str) -> str:
    name, found, _ = text[len(before) :].partition(after)
    return name if found and text.startswith(before) and name.isidentifier() else ""
