"""Sees what Windows has not, used by a line of the user's that does not look at where it runs.

Whether it does is read from its source, once for each such line and only then.
"""

from __future__ import annotations

import functools
from sys import _getframe

from .. import facts
from ..sites import HOST, LIBRARY, PROBE, USER
from .base import Hook, too_deep

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from types import FrameType
    from typing import Any, Iterator

# Of loops; all but the first are coroutines.
_METHODS = ("add_signal_handler",)
_COROUTINES = ("create_unix_connection", "create_unix_server")
_PIPES = ("connect_read_pipe", "connect_write_pipe")  # asyncio calls them for processes, which Windows has
# Connects the pipes of child processes; Windows' own loop has other means for the same.
_OF_SUBPROCESSES = "asyncio.base_subprocess"
_MOST_CALLERS = 8
_MOST_LINES = 100  # told of in one environment
# Words in a condition that asks for the system, or for what it has.
_SYSTEM_WORDS = ("platform", "windows", "win32", "posix", "linux", "unix", "darwin", "hasattr", "uvloop")
# What failures on Windows are caught with: by who expects them, and by who does not care, around the line itself only.
_EXPECTED = ("ImportError", "ModuleNotFoundError", "NotImplementedError", "AttributeError")
_ANY = (*_EXPECTED, "RuntimeError", "OSError", "Exception", "BaseException")


class WindowsHook(Hook):
    name = "windows"
    libraries = ("os",)

    def __init__(self, probe: Any) -> None:
        super().__init__(probe)
        self._seen: set[tuple[str, int]] = set()
        self._waiting: list[tuple[int, str, list[tuple[str, int]]]] = []
        self.needs = {"at_loaded": self._waiting, "at_end": self._waiting}

    def attach_os(self, os: Any) -> None:
        if hasattr(os, "fork"):
            self.patches.replace(os, "fork", self._wrap_fork)

    def attach_asyncio(self, asyncio: Any) -> None:
        unix = getattr(asyncio, "unix_events", None)
        if unix is not None:
            self._wrap_all(unix._UnixSelectorEventLoop)

    def attach_uvloop(self, uvloop: Any) -> None:
        self._wrap_all(uvloop.Loop)
        frame: FrameType | None = _getframe(1)
        while frame is not None and self.sites.kind_of(frame.f_code) == PROBE:
            frame = frame.f_back
        # Else it is there already, and this is the probe being installed.
        if frame is not None and frame.f_globals.get("__name__") == "importlib._bootstrap":
            self._note("import uvloop", frame)

    def _wrap_all(self, cls: Any) -> None:
        for name in _METHODS:
            self.patches.replace(cls, name, self._wrap)
        for name in (*_COROUTINES, *_PIPES):
            self.patches.replace(cls, name, self._wrap_coroutine)

    def _wrap(self, original: Any) -> Any:
        called = "loop.{}()".format(original.__name__)

        @functools.wraps(original)
        def call(*args: Any, **kwargs: Any) -> Any:
            self._note(called, _getframe(1))
            return original(*args, **kwargs)

        return call

    def _wrap_coroutine(self, original: Any) -> Any:
        called = "loop.{}()".format(original.__name__)
        is_pipe = original.__name__ in _PIPES

        @functools.wraps(original)
        async def call(*args: Any, **kwargs: Any) -> Any:
            caller = _getframe(1)
            if not is_pipe or self.sites.kind_of(caller.f_code) == USER:
                self._note(called, caller)
            return await original(*args, **kwargs)

        return call

    def _wrap_fork(self, original: Any) -> Any:
        @functools.wraps(original)
        def fork() -> int:
            pid: int = original()
            if pid:
                caller = _getframe(1)
                while self.sites.kind_of(caller.f_code) == PROBE and caller.f_back is not None:
                    caller = caller.f_back
                if self.sites.kind_of(caller.f_code) == USER:  # multiprocessing knows other ways
                    self._note("os.fork()", caller)
            return pid

        return fork

    def _note(self, called: str, frame: FrameType | None) -> None:
        """Remembers the user's line that calls something, and those that call it."""
        if not self.is_on or (frame is not None and frame.f_globals.get("__name__") == _OF_SUBPROCESSES):
            return
        try:
            lines: list[tuple[str, int]] = []
            site = 0
            while frame is not None and len(lines) < _MOST_CALLERS:
                kind = self.sites.kind_of(frame.f_code)
                if kind == HOST or (kind == LIBRARY and not lines):
                    break
                if kind == USER:
                    line = (frame.f_code.co_filename, frame.f_lineno or 0)
                    if not lines:
                        if line in self._seen or len(self._seen) >= _MOST_LINES:
                            return
                        self._seen.add(line)
                        site = self.sites.of_frame(frame)
                    lines.append(line)
                frame = frame.f_back
            if site:
                self._waiting.append((site, called, lines))
        except RecursionError:
            too_deep()
        except Exception as error:
            self.failed(error)

    def at_loaded(self) -> None:
        self._tell()

    def at_end(self) -> None:
        self._tell()

    def _tell(self) -> None:
        waiting = self._waiting[:]
        self._waiting.clear()
        for site, called, lines in waiting:
            if not any(_is_guarded(*place, _EXPECTED if callers else _ANY) for callers, place in enumerate(lines)):
                self.report(facts.NOT_ON_WINDOWS, 0, 0, site, called)


def _is_guarded(file: str, line: int, failures: tuple[str, ...]) -> bool:
    """Whether a line is reached only where the system is asked for, or is ready to fail. What cannot be read is."""
    import ast
    import linecache

    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except (SyntaxError, ValueError, RecursionError):
        return True
    return not tree.body or any(_guards(node, line, failures) for node in _around(tree, line))


def _around(node: ast.AST, line: int) -> Iterator[ast.AST]:
    """The statements that a line stands in, outermost first, `node` included."""
    import ast

    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.stmt, ast.ExceptHandler)) and child.lineno <= line <= (child.end_lineno or 0):
            yield from _around(child, line)


def _guards(node: ast.AST, line: int, failures: tuple[str, ...]) -> bool:
    import ast

    if isinstance(node, ast.If) and _asks(node.test):
        return True
    if isinstance(node, ast.Try) and any(
        failures is _ANY if each.type is None else _names(each.type, failures) for each in node.handlers
    ):
        return True
    if isinstance(node, (ast.With, ast.AsyncWith)) and any(
        _suppresses(each.context_expr, failures) for each in node.items
    ):
        return True
    # `if sys.platform == "win32": return` further up in the same block.
    return any(
        isinstance(each, ast.If) and (each.end_lineno or 0) < line and _asks(each.test) and _leaves(each.body[-1])
        for each in getattr(node, "body", ())
        if isinstance(each, ast.stmt)
    )


def _leaves(statement: ast.stmt) -> bool:
    """Whether what follows is not reached."""
    import ast

    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        return _word(statement.value.func) in ("exit", "_exit", "abort", "quit")
    return isinstance(statement, (ast.Return, ast.Raise, ast.Continue, ast.Break))


def _asks(test: ast.AST) -> bool:
    """Whether a condition asks for the system."""
    import ast

    for node in ast.walk(test):
        if isinstance(node, ast.Attribute) and node.attr == "name" and _names(node.value, ("os",)):
            return True
        text = _word(node).lower()
        if text and any(word in text for word in _SYSTEM_WORDS):
            return True
    return False


def _word(node: ast.AST) -> str:
    import ast

    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _names(node: ast.AST, names: tuple[str, ...]) -> bool:
    import ast

    return any(_word(each) in names for each in ast.walk(node))


def _suppresses(expression: ast.AST, failures: tuple[str, ...]) -> bool:
    import ast

    return isinstance(expression, ast.Call) and _word(expression.func) == "suppress" and _names(expression, failures)
