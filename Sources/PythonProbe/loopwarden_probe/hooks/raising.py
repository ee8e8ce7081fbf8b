"""Sees exceptions as they are raised, swallowed or not: the backstop for what no patch can see.

From CPython 3.12 on `sys.monitoring` tells of every exception, also of those that C code raises, and costs nothing
where none is raised. Before, only what comes out of the handler is looked at, with what it was raised from.

Another hook that wants to know of an exception names its text in `raises` and defines `at_message`.
"""

from __future__ import annotations

import sys

from .base import Hook, too_deep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, TracebackType
    from typing import Any, Iterator

    from ..probe import Probe
    from ..sites import Sites
    from .base import Message

_monitoring = getattr(sys, "monitoring", None)  # from 3.12 on
_TOOL_IDS = (4, 3)  # those that Python has given no purpose
_TOOL_NAME = "loopwarden"
_LONGEST_CHAIN = 20  # of exceptions, each raised because of the one before
_DEEPEST_EXTENSION = 20  # frames of one call within uvloop


class Raised:
    """An exception whose text some hook waits for. Only for the time of `at_message`: it holds the user's frames."""

    __slots__ = ("error", "text", "traceback", "has_escaped", "_outer", "_sites")

    def __init__(
        self, error: BaseException, text: str, traceback: TracebackType, outer: list[TracebackType] | None, sites: Sites
    ) -> None:
        self.error = error
        self.text = text
        #: The innermost frame of Python code.
        self.traceback = traceback
        #: Whether it was found because it came out of the handler, by itself or with another that it caused.
        self.has_escaped = outer is not None
        self._outer = outer
        self._sites = sites

    @property
    def code(self) -> CodeType:
        """That of the innermost Python function: which raised it, or called what did."""
        return self.traceback.tb_frame.f_code

    @property
    def site(self) -> int:
        """The innermost user line on its way, with the library's further in."""
        if self._outer is None:
            return self._sites.of_frame(self.traceback.tb_frame)
        return self._sites.of_traceback(*self._outer)


class RaisingHook(Hook):
    name = "raising"

    def __init__(self, probe: Probe) -> None:
        super().__init__(probe)
        self._tool: int | None = None
        self._by_type: dict[type, tuple[tuple[str, ...], list[tuple[Message, Hook]]]] = {}

    def attach_asyncio(self, asyncio: Any) -> None:
        for hook in self.probe.hooks:
            for message in hook.raises:
                texts, receivers = self._by_type.get(message.type, ((), []))
                self._by_type[message.type] = ((*texts, message.text), [*receivers, (message, hook)])
        if _monitoring is not None:
            for tool in _TOOL_IDS:
                if _monitoring.get_tool(tool) is None:
                    _monitoring.use_tool_id(tool, _TOOL_NAME)
                    self._tool = tool
                    _monitoring.register_callback(tool, _monitoring.events.RAISE, self._observer())
                    _monitoring.set_events(tool, _monitoring.events.RAISE)
                    break

    def detach(self) -> None:
        self._stop()
        super().detach()

    def failed(self, error: Exception) -> None:
        super().failed(error)
        self._stop()

    def _stop(self) -> None:
        tool, self._tool = self._tool, None
        if tool is not None and _monitoring is not None:
            _monitoring.set_events(tool, 0)
            _monitoring.register_callback(tool, _monitoring.events.RAISE, None)
            _monitoring.free_tool_id(tool)
        self._by_type.clear()

    def _observer(self) -> Any:
        of_type, raised = self._by_type.get, self._raised

        def observe(code: CodeType, offset: int, error: BaseException) -> None:
            waiting = of_type(type(error))
            if waiting is not None:
                raised(error, waiting)

        return observe

    def _raised(self, error: BaseException, waiting: tuple[tuple[str, ...], list[tuple[Message, Hook]]]) -> None:
        """An exception of a type that somebody waits for passes a frame."""
        try:
            text = _text(error)
            if text is not None and text.startswith(waiting[0]):
                traceback = error.__traceback__
                if traceback is not None and _is_first_frame(traceback):
                    self._tell(error, text, traceback, None)
        except RecursionError:
            pass  # one observation less; from 3.12 on no program ends by it
        except Exception as failure:
            self.failed(failure)

    def at_raise(self, error: BaseException) -> None:
        if self._tool is None and self._by_type:
            for inner, outer in _chain(error):
                text, traceback = _text(inner), inner.__traceback__
                waiting = self._by_type.get(type(inner))
                if waiting is None or text is None or traceback is None or not text.startswith(waiting[0]):
                    continue
                while traceback.tb_next is not None and not _is_extension(traceback.tb_next):
                    traceback = traceback.tb_next
                self._tell(inner, text, traceback, outer)

    def _tell(
        self, error: BaseException, text: str, traceback: TracebackType, outer: list[TracebackType] | None
    ) -> None:
        by_statement: bool | None = None
        for message, hook in self._by_type[type(error)][1]:
            if not hook.is_on or not message.matches(text):
                continue
            if by_statement is None:
                by_statement = _is_raise_statement(traceback)
            if by_statement and _package(traceback) not in message.raisers:
                continue  # an application's own error, with the text of another's
            try:
                hook.at_message(message, Raised(error, text, traceback, outer, self.sites))
            except RecursionError:
                too_deep()
            except Exception as failure:
                hook.failed(failure)


def _text(error: BaseException) -> str | None:
    """The first argument, when it is a plain string. Nothing of the user's is called."""
    arguments = error.args
    if type(arguments) is tuple and arguments and type(arguments[0]) is str:
        return arguments[0]
    return None


def _is_first_frame(traceback: TracebackType) -> bool:
    """Whether an exception is being raised in this frame, rather than only coming through it.

    An exception takes neither weak references nor, without showing it, a mark. But its traceback grows by one entry
    with each frame, so that the first has none further in, except those that Cython makes up for its own.
    """
    inner = traceback.tb_next
    for _ in range(_DEEPEST_EXTENSION):
        if inner is None:
            return True
        if not _is_extension(inner):
            return False
        inner = inner.tb_next
    return False


def _is_extension(traceback: TracebackType) -> bool:
    return traceback.tb_frame.f_code.co_filename.endswith((".pyx", ".pxd"))


def _is_raise_statement(traceback: TracebackType) -> bool:
    from opcode import opmap  # where it is needed at all, which is seldom

    code = traceback.tb_frame.f_code.co_code
    place = traceback.tb_lasti
    return 0 <= place < len(code) and code[place] == opmap["RAISE_VARARGS"]


def _package(traceback: TracebackType) -> str:
    return str(traceback.tb_frame.f_globals.get("__name__", "")).partition(".")[0]


def _chain(error: BaseException) -> Iterator[tuple[BaseException, list[TracebackType]]]:
    """An exception and those it was raised from, each with the tracebacks that lead to it, outermost first."""
    seen: set[int] = set()
    outer: list[TracebackType] = []
    following: BaseException | None = error
    while following is not None and id(following) not in seen and len(seen) < _LONGEST_CHAIN:
        seen.add(id(following))
        traceback = following.__traceback__
        if traceback is not None:
            outer = [*outer, traceback]
        yield following, outer
        following = following.__cause__ or following.__context__
