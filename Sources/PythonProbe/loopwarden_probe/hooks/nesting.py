"""Sees that a loop was to run in a thread where one runs already, and was refused.

Where nest_asyncio has made it legal nothing is refused: there the second run is seen by hooks/running.py.
"""

from __future__ import annotations

import sys
import weakref

from .. import facts
from .base import Hook, Message
from .raising import is_wrapper

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

    from ..probe import Probe
    from .raising import Raised

_RUN = Message(
    RuntimeError,
    "asyncio.run() cannot be called from a running event loop",
    modules=("asyncio.runners", "uvloop"),
)
_RUNNER = Message(RuntimeError, "Runner.run() cannot be called from a running event loop", modules=("asyncio.runners",))
_ITSELF = Message(RuntimeError, "This event loop is already running", modules=("asyncio.base_events",))
_OF_UVLOOP = ("uvloop:Loop.run_forever", "uvloop:Loop.run_until_complete")
_ITSELF_UVLOOP = Message(RuntimeError, "this event loop is already running.", calls=_OF_UVLOOP)
_ANOTHER = Message(
    RuntimeError,
    "Cannot run the event loop while another loop is running",
    modules=("asyncio.base_events",),
    calls=_OF_UVLOOP,
)
_ASGIREF = Message(
    RuntimeError,
    "You cannot use AsyncToSync in the same thread as an async event loop",
    is_prefix=True,
    raisers=("asgiref",),
    calls=("asgiref.sync:AsyncToSync.__call__",),
)
_ANYIO = Message(
    RuntimeError,
    "Already running asyncio in this thread",
    raisers=("anyio",),
    calls=("anyio._core._eventloop:run",),
)

_DEEPEST_CHECK = 4  # frames between a loop's run_until_complete and what refuses
_MOST_REFUSED = 100  # coroutines of one invocation that are followed
_ONLY_LASTI_TELLS = sys.version_info < (3, 11)


class NestingHook(Hook):
    """One event for each attempt. Whether the coroutine was lost by it is told when that is known.

    An attempt may be deliberate: `try: asyncio.run(coroutine)`, and when it is refused, the same coroutine run in a
    thread. So a coroutine that was to run is followed to the end of the invocation.
    """

    name = "nesting"
    libraries = ("uvloop", "asgiref.sync", "anyio._core._eventloop")
    raises = (_RUN, _RUNNER, _ITSELF, _ITSELF_UVLOOP, _ANOTHER, _ASGIREF, _ANYIO)

    def __init__(self, probe: Probe) -> None:
        super().__init__(probe)
        # By their addresses: coroutines that were refused, weakly, and what is to be reported when they are lost.
        self._refused: dict[int, tuple[weakref.ref[Any], tuple[int, int, str, int, int]]] = {}
        self.needs = {"at_return": self._refused}
        self._runner_epoch = -1  # in which a Runner was refused to run

    def at_message(self, message: Message, raised: Raised) -> None:
        if message is _RUNNER:
            self._runner_epoch = self.journal.epoch
        elif message is _ANOTHER and self._runner_epoch == self.journal.epoch and _is_runner_closing(raised.frame):
            return  # its with statement, which ends because of that
        called, loop, coroutine = _attempt(message, raised.frame)
        asyncio = sys.modules["asyncio"]
        outer = self.known(id(asyncio._get_running_loop()))
        inner = self.known(id(loop)) if loop is not None else None
        flags = 0
        if outer is None:
            if inner is None or not inner.running:
                return  # mocks, or loops that were made before the probe
            flags, outer = facts.RUNS_ELSEWHERE, inner
        if message is _ITSELF_UVLOOP and called == "run_until_complete":
            flags |= facts.RUNS_LATER  # uvloop makes the task before it looks
        site = raised.site
        code = getattr(coroutine, "cr_code", None)
        defined = 0
        if code is not None:
            defined = self.sites.of_code(code)
            if not flags & facts.RUNS_LATER:
                flags |= facts.MAY_RUN_OTHERWISE
        serial = 0 if inner is None else inner.serial
        attempt = (serial, site, called, outer.serial, defined)
        self._tell(flags, attempt)
        if flags & facts.MAY_RUN_OTHERWISE and len(self._refused) < _MOST_REFUSED:
            try:
                self._refused[id(coroutine)] = (weakref.ref(coroutine), attempt)
            except TypeError:
                pass  # not Python's own kind of coroutine

    def at_dropped(self, coroutine: Any) -> None:
        refused = self._refused.pop(id(coroutine), None)
        # A weak reference is dead by now, unless the garbage collector drops its coroutine. That it is the same one,
        # and no other with its address, is as good as certain: no other was refused and dropped.
        if refused is not None and refused[0]() in (None, coroutine):
            self._tell(facts.WAS_LOST, refused[1])

    def at_raise(self, error: BaseException) -> None:
        if self.journal.ordinal < 0:
            self.at_return()  # the module cannot be imported: that was all

    def at_return(self) -> None:
        for address, (reference, attempt) in list(self._refused.items()):
            coroutine = reference()
            if coroutine is None or not _has_not_begun(coroutine):
                del self._refused[address]  # it ran, or was closed
            else:
                self._tell(facts.WAS_LOST, attempt)

    def _tell(self, flags: int, attempt: tuple[int, int, str, int, int]) -> None:
        serial, site, called, outer, defined = attempt
        related = [("coroutine", defined, self.journal.ordinal)]
        self.report(facts.NESTED_RUN, flags, serial, site, called, outer, related)


def _attempt(message: Message, frame: FrameType) -> tuple[str, Any, Any]:
    """What was called, for which loop, with which coroutine; None: none, or not known."""
    if message is _ASGIREF:
        return "async_to_sync", None, None
    if message is _ANYIO:
        return "anyio.run", None, None
    if message is _RUNNER:
        return "Runner.run", None, frame.f_locals.get("coro")
    if message is _RUN:
        above = frame.f_back  # uvloop.run calls asyncio.run from 3.12 on
        for caller in (frame, above):
            if caller is not None and caller.f_globals.get("__name__") == "uvloop":
                return "uvloop.run", None, caller.f_locals.get("main")
        return "asyncio.run", None, frame.f_locals.get("main")
    if is_wrapper(frame):  # uvloop's method; run_until_complete calls run_forever
        if frame.f_back is not None and is_wrapper(frame.f_back):
            frame = frame.f_back
        arguments = frame.f_locals["args"]
        return frame.f_locals["original"].__name__, arguments[0], arguments[1] if len(arguments) > 1 else None
    caller = frame
    for _ in range(_DEEPEST_CHECK):
        if caller is None:
            break
        if caller.f_code.co_name in ("run_until_complete", "run_forever"):
            return caller.f_code.co_name, caller.f_locals.get("self"), caller.f_locals.get("future")
        caller = caller.f_back
    return "run_forever", None, None


def _is_runner_closing(frame: FrameType | None) -> bool:
    for _ in range(_DEEPEST_CHECK + 1):
        if frame is None:
            return False
        if frame.f_code.co_name == "close" and frame.f_globals.get("__name__") == "asyncio.runners":
            return True
        frame = frame.f_back
    return False


def _has_not_begun(coroutine: Any) -> bool:
    frame = coroutine.cr_frame
    if frame is None or coroutine.cr_running:
        return False
    return frame.f_lasti == -1 if _ONLY_LASTI_TELLS else not coroutine.cr_suspended
