"""Tells an error that somebody expects from one that is swallowed.

Libraries try things to find out, and so do applications: an `except` that names the error says that it was expected.
"""

from __future__ import annotations

import linecache

from ..sites import HOST, LIBRARY, USER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType, TracebackType
    from typing import Any

    from ..sites import Sites

_DEEPEST = 50  # frames that are searched for an `except`
_MOST_CACHED = 1000
_WIDER = "Exception"


class Expected:
    """Reads the source around a line; where there is none, nothing is expected."""

    def __init__(self, sites: Sites) -> None:
        self._sites = sites
        # The code objects stand in the values so that their ids, which are the keys, cannot be reused.
        self._known: dict[tuple[int, int, str], tuple[CodeType, str]] = {}

    def is_expected(self, frame: FrameType | None, error: str) -> bool:
        """Whether the `except` that will catch an error of the type named, raised in `frame`, names it."""
        for _ in range(_DEEPEST):
            if frame is None:
                return False
            kind = self._sites.kind_of(frame.f_code)
            if kind == HOST:
                return False
            if kind == USER or kind == LIBRARY:
                caught = self._caught_as(frame.f_code, frame.f_lineno or 0, frame.f_globals, error)
                if caught == error:
                    return True
                if caught and kind == USER:
                    return False  # a library that catches all may be a server, around the user's whole handler
            frame = frame.f_back
        return False

    def was_expected(self, traceback: TracebackType, error: str) -> bool:
        """Whether the function that a traceback begins with, which has caught the error, named it there."""
        frame = traceback.tb_frame
        return self._caught_as(frame.f_code, traceback.tb_lineno, frame.f_globals, error) == error

    def _caught_as(self, code: CodeType, line: int, namespace: dict[str, Any], error: str) -> str:
        """What the `except` around a line names: the error, something wider, or nothing: ""."""
        key = (id(code), line, error)
        known = self._known.get(key)
        if known is None:
            known = (code, handler_around(linecache.getlines(code.co_filename, namespace), line, error))
            if len(self._known) < _MOST_CACHED:
                self._known[key] = known
        return known[1]


def handler_around(source: list[str], line: int, error: str) -> str:
    """What the innermost `except` that catches an error of a line names."""
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
                found = _first_match(node.handlers, error) or found
    return found


def _first_match(handlers: list[Any], error: str) -> str:
    for handler in handlers:
        names = _names(handler.type)
        if error in names:
            return error
        if handler.type is None or "Exception" in names or "BaseException" in names:
            return _WIDER
    return ""


def _names(expression: Any) -> list[str]:
    if expression is None:
        return []
    parts = getattr(expression, "elts", [expression])  # of a tuple
    return [getattr(part, "id", getattr(part, "attr", "")) for part in parts]
