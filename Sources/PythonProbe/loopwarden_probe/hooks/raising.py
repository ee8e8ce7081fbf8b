"""Sees exceptions as they are raised, swallowed or not: the backstop for what no patch can see.

From CPython 3.12 on `sys.monitoring` tells of every exception, also of those that C code raises, and costs nothing
where none is raised. Before, a message says where it comes from, and what comes out of the handler is looked at, with
what it was raised from.

Another hook that wants to know of an exception names its text in `raises` and defines `at_message`.
"""

from __future__ import annotations

import functools
import sys
from sys import _getframe

from .base import Hook, too_deep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType, ModuleType, TracebackType
    from typing import Any, Iterator

    from ..probe import Probe
    from ..sites import Sites
    from .base import Message

_monitoring: Any = getattr(sys, "monitoring", None)  # from 3.12 on
_TOOL_IDS = (4, 3)  # those that Python has given no purpose
_TOOL_NAME = "loopwarden"
_LONGEST_CHAIN = 20  # of exceptions, each raised because of the one before
_DEEPEST_EXTENSION = 20  # frames of one call within uvloop


class Raised:
    """An exception whose text some hook waits for. Only for the time of `at_message`: it holds the user's frames."""

    __slots__ = ("error", "text", "frame", "has_escaped", "_outer", "_sites")

    def __init__(
        self,
        error: BaseException,
        text: str,
        frame: FrameType,
        sites: Sites,
        outer: list[TracebackType] | None = None,
    ) -> None:
        self.error = error
        self.text = text
        #: The innermost frame of Python code: which raises it, or has called what does.
        self.frame = frame
        #: Whether it was found because it came out of the handler, by itself or with another that it caused.
        self.has_escaped = outer is not None
        self._outer = outer
        self._sites = sites

    @property
    def code(self) -> CodeType:
        """That of the innermost Python function."""
        return self.frame.f_code

    @property
    def site(self) -> int:
        """The innermost user line on its way, with the library's further in."""
        if self._outer is None:
            return self._sites.of_frame(self.frame)
        return self._sites.of_traceback(*self._outer)


class RaisingHook(Hook):
    name = "raising"

    def __init__(self, probe: Probe) -> None:
        super().__init__(probe)
        self._tool: int | None = None
        # By type: all texts, to compare with in one step, and who waits for which.
        self._waiting: dict[type, tuple[tuple[str, ...], list[tuple[Message, Hook]]]] = {}
        # Before 3.12: the modules whose own name for a type is replaced. Always: functions that are wrapped, by module.
        self._modules: dict[str, type[BaseException]] = {}
        self._shadowed: set[str] = set()
        self._calls: dict[str, set[str]] = {}

    def attach(self, library: ModuleType) -> None:
        try:
            if self.is_on:
                if not self._waiting:
                    self._collect()
                if library.__name__ in self._modules and _never_catches(library):
                    self._shadow(library)
                if library.__name__ in self._calls:
                    self._wrap_calls(library)
        except Exception as error:
            self.failed(error)
        super().attach(library)

    def attach_asyncio(self, asyncio: Any) -> None:
        if _monitoring is not None:
            self._monitor()
        if self._tool is None:
            for name in self._modules:
                module = sys.modules.get(name)
                if module is not None and name.startswith("asyncio."):
                    if _monitoring is None or _never_catches(module):  # the older ones were looked at
                        self._shadow(module)

    def _collect(self) -> None:
        """Asks all hooks which messages they wait for. Only now: when this one was made, the others were not all."""
        for hook in self.probe.hooks:
            for message in hook.raises:
                texts, receivers = self._waiting.get(message.type, ((), []))
                self._waiting[message.type] = ((*texts, message.text), [*receivers, (message, hook)])
                for name in message.modules:
                    self._modules[name] = message.type
                for call in message.calls:
                    module, _, function = call.partition(":")
                    self._calls.setdefault(module, set()).add(function)

    # -- from 3.12 on -----------------------------------------------------------------------------------------------

    def _monitor(self) -> None:
        for tool in _TOOL_IDS:
            if _monitoring.get_tool(tool) is None:
                _monitoring.use_tool_id(tool, _TOOL_NAME)
                self._tool = tool
                _monitoring.register_callback(tool, _monitoring.events.RAISE, self._observer())
                _monitoring.set_events(tool, _monitoring.events.RAISE)
                return

    def detach(self) -> None:
        self._stop()
        super().detach()

    def failed(self, error: Exception) -> None:
        super().failed(error)
        self._stop()

    def _stop(self) -> None:
        tool, self._tool = self._tool, None
        if tool is not None:
            _monitoring.set_events(tool, 0)
            _monitoring.register_callback(tool, _monitoring.events.RAISE, None)
            _monitoring.free_tool_id(tool)
        self._waiting.clear()
        self._modules.clear()
        self._shadowed.clear()
        self._calls.clear()

    def _observer(self) -> Any:
        of_type, passing = self._waiting.get, self._passing

        # Nearly all that is raised matters to nobody, and asyncio.run itself raises and catches up to 25 times.
        def observe(code: CodeType, offset: int, error: BaseException) -> None:
            waiting = of_type(type(error))
            if waiting is not None:
                try:
                    arguments = error.args  # as _text does
                    text = arguments[0] if arguments else None
                    if type(text) is str and text.startswith(waiting[0]):
                        passing(error, text)
                except RecursionError:
                    pass  # one observation less; from 3.12 on no program ends by it
                except Exception as failure:
                    self.failed(failure)

        return observe

    def _passing(self, error: BaseException, text: str) -> None:
        """An exception with a text that somebody waits for passes a frame."""
        traceback = error.__traceback__
        if traceback is not None and _is_first_frame(traceback):
            self._tell(Raised(error, text, traceback.tb_frame, self.sites), traceback.tb_lasti)

    # -- before -----------------------------------------------------------------------------------------------------

    def _shadow(self, module: ModuleType) -> None:
        """Gives a module a name of its own for a type of exceptions, which it uses to make them and for nothing else.

        So nothing is paid for where none is raised.
        """
        type = self._modules[module.__name__]
        if self._tool is not None or module.__name__ in self._shadowed:
            return
        self._shadowed.add(module.__name__)

        def new_error(*arguments: Any) -> BaseException:
            error = type(*arguments)
            waiting = self._waiting.get(type)
            if self.is_on and waiting is not None:
                try:
                    text = _text(error)
                    if text is not None and text.startswith(waiting[0]):
                        self._tell(Raised(error, text, _getframe(1), self.sites), None)
                except RecursionError:
                    too_deep()
                except Exception as failure:
                    self.failed(failure)
            return error

        self.patches.add(module, type.__name__, new_error)

    def _wrap_calls(self, library: ModuleType) -> None:
        for path in sorted(self._calls[library.__name__]):
            *names, last = path.split(".")
            owner: Any = library
            for name in names:
                owner = getattr(owner, name, None)
            if getattr(owner, last, None) is not None:  # else another version of the library has it elsewhere
                name = "{}:{}".format(library.__name__, path)
                self.patches.replace(owner, last, functools.partial(self._wrap_call, name))

    def _wrap_call(self, name: str, original: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                return original(*args, **kwargs)
            except Exception as error:
                if self.is_on and self._tool is None:
                    self._came_out(error, name)
                raise

        _wrapper_codes.add(call.__code__)
        return functools.wraps(original)(call)

    def _came_out(self, error: Exception, name: str) -> None:
        """An exception comes out of a function that is known to raise some that matter."""
        try:
            waiting = self._waiting.get(type(error))
            text = _text(error)
            traceback = error.__traceback__
            if waiting is None or text is None or traceback is None or not text.startswith(waiting[0]):
                return
            traceback = traceback.tb_next  # below the wrapper's own frame
            if traceback is None:  # C code that leaves no frame
                self._tell(Raised(error, text, _getframe(1), self.sites), None, name)
            elif not self._was_seen(traceback) and not _passes_wrapper(traceback):
                innermost = _innermost(traceback)
                if _is_extension(innermost):
                    self._tell(Raised(error, text, _getframe(1), self.sites), None, name)
                else:
                    self._tell(Raised(error, text, innermost.tb_frame, self.sites), innermost.tb_lasti, name)
        except RecursionError:
            too_deep()
        except Exception as failure:
            self.failed(failure)

    def at_raise(self, error: BaseException) -> None:
        if self._tool is not None or not self._waiting:
            return
        for inner, outer, _ in chain(error):
            text, traceback = _text(inner), inner.__traceback__
            waiting = self._waiting.get(type(inner))
            if waiting is None or text is None or traceback is None or not text.startswith(waiting[0]):
                continue
            if not self._was_seen(traceback):
                innermost = _innermost(traceback)
                raised = Raised(inner, text, innermost.tb_frame, self.sites, outer)
                self._tell(raised, innermost.tb_lasti, was_wrapped=_passes_wrapper(traceback))

    def _was_seen(self, traceback: TracebackType) -> bool:
        """Whether an exception was told when it was made."""
        return _innermost(traceback).tb_frame.f_globals.get("__name__") in self._shadowed

    # -- both -------------------------------------------------------------------------------------------------------

    def _tell(
        self, raised: Raised, instruction: int | None, name: str | None = None, was_wrapped: bool = False
    ) -> None:
        """Tells those who wait for the text.

        :param instruction: of the innermost frame, where it raises; None: it is known whose the exception is.
        :param name: of the wrapped function that it comes out of; None: of none.
        :param was_wrapped: whether it came out of one before, and was told then to those who named it.
        """
        by_statement: bool | None = None if instruction is not None else False
        for message, hook in self._waiting[type(raised.error)][1]:
            if not hook.is_on or not message.matches(raised.text):
                continue
            if (was_wrapped and message.calls) or (name is not None and name not in message.calls):
                continue
            if by_statement is None:
                by_statement = _is_raise_statement(raised.code, instruction or 0)
            if by_statement and _package(raised.frame) not in message.raisers:
                continue  # an application's own error, with the text of another's
            try:
                hook.at_message(message, raised)
            except RecursionError:
                too_deep()
            except Exception as failure:
                hook.failed(failure)


_wrapper_codes: set[CodeType] = set()  # of `call` in _wrap_call: one


def is_wrapper(frame: FrameType) -> bool:
    """Whether it is one around a function that a message names; `original` and `args` are among its locals."""
    return frame.f_code in _wrapper_codes


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


def _never_catches(module: ModuleType) -> bool:
    """Whether no `except` of a module names RuntimeError. What is not known to be so is not."""
    try:
        with open(str(module.__file__), encoding="utf-8") as source:
            clauses = source.read().split("except")[1:]
    except (OSError, ValueError):
        return False
    return not any("RuntimeError" in clause.partition(":")[0] for clause in clauses)


def _passes_wrapper(traceback: TracebackType) -> bool:
    following: TracebackType | None = traceback
    while following is not None:
        if following.tb_frame.f_code in _wrapper_codes:
            return True
        following = following.tb_next
    return False


def _innermost(traceback: TracebackType) -> TracebackType:
    """The innermost entry of Python code."""
    while traceback.tb_next is not None and not _is_extension(traceback.tb_next):
        traceback = traceback.tb_next
    return traceback


def _is_extension(traceback: TracebackType) -> bool:
    return traceback.tb_frame.f_code.co_filename.endswith((".pyx", ".pxd", ".pxi"))


def _is_raise_statement(code: CodeType, instruction: int) -> bool:
    from opcode import opmap  # where it is needed at all, which is seldom

    instructions = code.co_code
    return 0 <= instruction < len(instructions) and instructions[instruction] == opmap["RAISE_VARARGS"]


def is_raised_by(error: BaseException, packages: tuple[str, ...]) -> bool:
    """Whether C code has raised an exception, or a `raise` statement in one of `packages`. It has a traceback."""
    if error.__traceback__ is None:
        return False
    innermost = _innermost(error.__traceback__)
    frame = innermost.tb_frame
    return _package(frame) in packages or not _is_raise_statement(frame.f_code, innermost.tb_lasti)


def _package(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]


def chain(error: BaseException) -> Iterator[tuple[BaseException, list[TracebackType], bool]]:
    """An exception and those it was raised from.

    Each with the tracebacks that lead to it, outermost first, and whether it came out with the first: rather than being
    handled when another one was raised, perhaps for a reason of its own.
    """
    seen: set[int] = set()
    outer: list[TracebackType] = []
    has_escaped = True
    following: BaseException | None = error
    while following is not None and id(following) not in seen and len(seen) < _LONGEST_CHAIN:
        seen.add(id(following))
        traceback = following.__traceback__
        if traceback is not None:
            outer = [*outer, traceback]
        yield following, outer, has_escaped
        has_escaped = has_escaped and following.__cause__ is not None
        following = following.__cause__ or following.__context__
