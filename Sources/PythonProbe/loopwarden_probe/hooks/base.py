"""What every hook has in common: being attached, detached, and disabled by its own failure."""

from __future__ import annotations

import sys

from .. import facts
from ..patches import MissingName, Patches

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Callable, Iterable, Sized

    from ..probe import Probe
    from .raising import Raised

# CPython 3.8 ends the whole process when a program that has met a RecursionError goes on downwards.
_MUST_TELL_OF_DEPTH = sys.version_info < (3, 9)
_CO_VARARGS, _CO_VARKEYWORDS = 4, 8  # of CodeType.co_flags; see the inspect module


def parameters_of(function: Any) -> tuple[str, ...]:
    """The names of a function's parameters, where all can be given by position; none where that is not known."""
    code = getattr(function, "__code__", None)
    if code is None or code.co_kwonlyargcount or code.co_flags & (_CO_VARARGS | _CO_VARKEYWORDS):
        return ()
    names: tuple[str, ...] = code.co_varnames[: code.co_argcount]
    return names


def too_deep() -> None:
    """What a hook does about a RecursionError of its own: it goes without the event.

    :raises RecursionError: the one being handled, on CPython 3.8, where the program would not survive not knowing.
    """
    if _MUST_TELL_OF_DEPTH:
        raise


class Message:
    """The text of an exception that a hook wants to be told of; see hooks/raising.py.

    What C code raises with this text is always told. What Python's `raise` raises is told only in the packages of
    `raisers`: an application may raise whatever it likes.

    Before 3.12, where nothing tells of exceptions that do not come out of the handler, it also says where to look:

    :param modules: those that raise it, and in which no `except` names the type: of asyncio, or uvloop's own.
    :param calls: functions that it comes out of, as "module:function" or "module:Class.method"; none that is a
        coroutine's. The hook names the module in `libraries`. Costs 100 ns for each call, from 3.12 on as well: there
        it shows the arguments of functions in C.
    """

    __slots__ = ("type", "text", "is_prefix", "raisers", "modules", "calls")

    def __init__(
        self,
        type: type[BaseException],
        text: str,
        is_prefix: bool = False,
        raisers: tuple[str, ...] = ("asyncio", "uvloop"),
        modules: tuple[str, ...] = (),
        calls: tuple[str, ...] = (),
    ) -> None:
        self.type = type  # exactly this one, no subclass of it; one for each module
        self.text = text
        self.is_prefix = is_prefix
        self.raisers = raisers
        self.modules = modules
        self.calls = calls

    def matches(self, text: str) -> bool:
        """Whether an exception with this text is meant."""
        return text.startswith(self.text) if self.is_prefix else text == self.text


class Hook:
    """Watches one thing in asyncio, and the same thing in uvloop.

    A subclass names itself and defines `attach_asyncio` and, where uvloop needs something of its own, `attach_uvloop`;
    for any further module it names it in `libraries` and defines `attach_` and its name, with underscores for dots.

    What no patch can see is looked at when an invocation ends, in `at_return`, `at_raise` and `at_end`.
    """

    name = ""
    libraries: tuple[str, ...] = ()
    raises: tuple[Message, ...] = ()

    def __init__(self, probe: Probe) -> None:
        self.probe = probe
        self.journal = probe.journal
        self.loops = probe.loops
        self.known = probe.loops.known
        self.sites = probe.sites
        self.locate = probe.sites.locate
        self.patches = Patches()
        self.is_on = True
        #: By the name of a moment, what tells by being empty that there is nothing to do then; always the same object.
        #: An invocation comes to some fifteen moments, and a call costs ten times the look at a container.
        self.needs: dict[str, Sized] = {}

    def attach(self, library: ModuleType) -> None:
        """Patches `library`, which has just been imported. Whatever goes wrong is recorded, never raised."""
        attach: Callable[[Any], None] | None = getattr(self, "attach_" + library.__name__.replace(".", "_"), None)
        try:
            if self.is_on and attach is not None:
                attach(library)
        except MissingName as missing:
            self.missing(str(missing))
        except Exception as error:
            self.failed(error)

    def attach_asyncio(self, asyncio: Any) -> None:
        """Nothing to patch, unless a subclass says so."""

    def attach_uvloop(self, uvloop: Any) -> None:
        """Nothing to patch, unless a subclass says so: uvloop goes through asyncio here."""

    def at_message(self, message: Message, raised: Raised) -> None:
        """An exception with the text of `message`, one of `raises`, was raised.

        From 3.12 on at once, in the thread that raises it, swallowed or not; before so only where `modules` or `calls`
        say where to look, and else when it comes out of the handler, or what it was raised from does: before
        `at_return`. An exception is told once, not once per frame.
        """

    def at_dropped(self, coroutine: Any) -> None:
        """A coroutine is dropped that has never been awaited, and dies now. Must not raise, nor keep it."""

    def at_ahead(self) -> None:
        """asyncio is imported, no loop was made yet, and there is time: this process is going to be forked."""

    def at_loaded(self) -> None:
        """The handler's module has been imported."""

    def at_return(self) -> None:
        """The handler has returned or raised; its answer is not out yet, and the host has not wound down its loop."""

    def at_raise(self, error: BaseException) -> None:
        """`error` came out of the handler; before `at_return`."""

    def at_end(self) -> None:
        """The invocation is over, the host has cleared away its loop; the answer goes out next."""

    def at_rest(self) -> None:
        """The answer is out, and the process is about to be stopped until the next invocation."""

    def at_wake(self) -> None:
        """The next invocation is about to begin."""

    def at_shared(self) -> None:
        """What there is by now serves several tests of a suite."""

    def report(
        self,
        kind: int,
        flags: int = 0,
        loop: int = 0,
        site: int = 0,
        detail: str = "",
        value: int = 0,
        related: Iterable[tuple[str, int, int]] = (),
    ) -> None:
        """Writes an observation with its further lines.

        :param loop: the serial of a loop, 0: of none.
        :param related: (role, site, ordinal) of each further line; the ordinal of the invocation that played that
            role there, -1: before the first. Lines that are not known (site 0) are left out.
        """
        journal = self.journal
        for role, where, ordinal in related:
            if where:
                journal.event(facts.RELATED_SITE, kind, 0, where, journal.string(role), ordinal)
        journal.event(kind, flags, loop, site, journal.string(detail) if detail else 0, value)

    def detach(self) -> None:
        """Takes the hook out. A wrapper that somebody still holds stays, and does nothing."""
        self.is_on = False
        self.patches.undo()

    def missing(self, name: str) -> None:
        """Records that this interpreter has no `name`, so that the daemon knows what it cannot see."""
        self.journal.event(facts.HOOK_MISSING, 0, 0, 0, self.journal.string(name))
        self.probe.disabled.append((self.name, "{} does not exist".format(name)))

    def failed(self, error: Exception) -> None:
        """Takes the hook out for good after an error of its own, and says so in one event."""
        if not self.is_on:
            return
        try:
            self.is_on = False
            text = "{}: {}: {}".format(self.name, type(error).__name__, error)
            self.probe.disabled.append((self.name, text))
            self.journal.event(facts.PROBE_FAILED, 0, 0, 0, self.journal.string(text))
            self.patches.undo()
        except Exception:
            pass  # the journal itself is broken; the program that is watched must not notice
