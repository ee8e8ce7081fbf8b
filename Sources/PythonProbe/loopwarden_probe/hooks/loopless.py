"""Sees that somebody asks for a loop where there is none, and does not take the error for an answer.

Libraries ask to find out, and so do applications: `try: get_running_loop()` and `except RuntimeError:`. An `except`
that names the error says that it was expected. What is told is what only a wider one has swallowed, and what came out
of the handler.
"""

from __future__ import annotations

import linecache

from .. import facts
from ..sites import HOST, LIBRARY, USER
from .base import Hook, Message
from .raising import is_raised_by

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType, TracebackType
    from typing import Any

    from ..probe import Probe
    from .raising import Raised

_NO_CURRENT = Message(
    RuntimeError, "There is no current event loop", is_prefix=True, modules=("asyncio.events", "uvloop")
)
_NO_RUNNING = Message(RuntimeError, "no running event loop")
_KINDS = {_NO_CURRENT: facts.NO_CURRENT_LOOP, _NO_RUNNING: facts.NO_RUNNING_LOOP}
_DEEPEST = 50  # frames that are searched for an `except`
_MOST_CACHED = 1000
_LONGEST_CHAIN = 20  # of exceptions, each raised because of the one before


class LooplessHook(Hook):
    name = "loopless"
    libraries = ("uvloop",)
    raises = (_NO_CURRENT, _NO_RUNNING)

    def __init__(self, probe: Probe) -> None:
        super().__init__(probe)
        # The code objects stand in the values so that their ids, which are the keys, cannot be reused.
        self._handlers: dict[tuple[int, int], tuple[CodeType, str]] = {}

    def at_message(self, message: Message, raised: Raised) -> None:
        if raised.has_escaped:
            return  # at_raise looks at all that comes out
        frame: FrameType | None = raised.frame
        if message is _NO_RUNNING and not self._is_users_call(frame):
            return
        if not self._is_expected(frame):
            # The text names the thread, and so does the event.
            self.report(_KINDS[message], 0, 0, raised.site, message.text)

    def at_raise(self, error: BaseException) -> None:
        flags = facts.HAS_ESCAPED
        following: BaseException | None = error
        outer: list[TracebackType] = []
        for _ in range(_LONGEST_CHAIN):
            if following is None:
                return
            traceback = following.__traceback__
            if traceback is not None:
                outer.append(traceback)
                self._came_out(following, traceback, outer, flags)
            if following.__cause__ is not None:
                following = following.__cause__
            else:
                following = following.__context__
                flags = facts.WAS_CAUGHT  # and what was done instead has failed, perhaps for a reason of its own

    def _came_out(self, error: BaseException, traceback: TracebackType, outer: list[TracebackType], flags: int) -> None:
        text = error.args[0] if error.args else None
        if type(error) is not RuntimeError or type(text) is not str:
            return
        for message, kind in _KINDS.items():
            if message.matches(text) and is_raised_by(error, message.raisers):
                if flags & facts.WAS_CAUGHT:
                    caught = self._handler(traceback.tb_frame.f_code, traceback.tb_lineno, traceback.tb_frame.f_globals)
                    if caught == "RuntimeError":
                        return
                self.report(kind, flags, 0, self.sites.of_traceback(*outer), message.text)

    def _is_users_call(self, frame: FrameType | None) -> bool:
        """Whether the user's code has called asyncio by itself, rather than a library that looks for a loop."""
        while frame is not None:
            kind = self.sites.kind_of(frame.f_code)
            if kind in (USER, LIBRARY, HOST):
                return kind == USER
            frame = frame.f_back
        return False

    def _is_expected(self, frame: FrameType | None) -> bool:
        """Whether the `except` that will catch a RuntimeError raised in `frame` names it."""
        for _ in range(_DEEPEST):
            if frame is None:
                return False
            kind = self.sites.kind_of(frame.f_code)
            if kind == HOST:
                return False
            if kind == USER or kind == LIBRARY:
                handler = self._handler(frame.f_code, frame.f_lineno or 0, frame.f_globals)
                if handler == "RuntimeError":
                    return True
                if handler and kind == USER:
                    return False  # a library that catches all may be a server, around the user's whole handler
            frame = frame.f_back
        return False

    def _handler(self, code: CodeType, line: int, namespace: dict[str, Any]) -> str:
        """What the `except` around a line names: RuntimeError, something wider, or nothing: ""."""
        key = (id(code), line)
        known = self._handlers.get(key)
        if known is None:
            source = linecache.getlines(code.co_filename, namespace)
            known = (code, _handler_around(source, line))
            if len(self._handlers) < _MOST_CACHED:
                self._handlers[key] = known
        return known[1]


def _handler_around(source: list[str], line: int) -> str:
    """What the innermost `except` that catches a RuntimeError of a line names."""
    import ast  # asyncio has imported it, through inspect

    try:
        tree = ast.parse("".join(source))
    except (SyntaxError, ValueError):
        return ""
    found = ""
    for node in ast.walk(tree):  # outer ones first
        if isinstance(node, ast.Try) and node.body:
            last = node.body[-1]
            if node.body[0].lineno <= line <= (getattr(last, "end_lineno", None) or last.lineno):
                found = _first_match(node.handlers) or found
    return found


def _first_match(handlers: list[Any]) -> str:
    for handler in handlers:
        names = _names(handler.type)
        if "RuntimeError" in names:
            return "RuntimeError"
        if handler.type is None or "Exception" in names or "BaseException" in names:
            return "Exception"
    return ""


def _names(expression: Any) -> list[str]:
    if expression is None:
        return []
    parts = getattr(expression, "elts", [expression])  # of a tuple
    return [getattr(part, "id", getattr(part, "attr", "")) for part in parts]
