"""Sees what belongs to one loop being used on another: locks and queues, futures and tasks, streams and processes."""

from __future__ import annotations

import functools
import gc
import sys
from sys import _getframe
from types import FunctionType

from .. import facts
from ..patches import MissingName
from ..sites import LIBRARY, MACHINERY, USER
from .base import Hook, Message, too_deep
from .making import BOUND, MADE, remembered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any, Callable

    from ..probe import Probe

_LONGEST_CHAIN = 100  # of awaits
_MOST_REPORTS = 1000  # in one phase
_REPR_HOOK = "_loopwarden_task_repr_info"  # in asyncio.base_tasks
# Code, frame and what is awaited: of coroutines, asynchronous generators, generators.
_SUSPENDABLE = (
    ("cr_code", "cr_frame", "cr_await"),
    ("ag_code", "ag_frame", "ag_await"),
    ("gi_code", "gi_frame", "gi_yieldfrom"),
)

_OTHER_FUTURE = Message(
    ValueError,
    "The future belongs to a different loop than the one specified as the loop argument",
    modules=("asyncio.tasks",),
)
# What a session of aiohttp says for it: on the loop that it keeps there is no task now.
_NO_TASK = Message(
    RuntimeError,
    "Timeout context manager should be used inside a task",
    raisers=("aiohttp",),
    calls=("aiohttp.helpers:TimerContext.__enter__",),
)


class WrongLoopHook(Hook):
    """Three ways lead to the error, and each has its own place:

    - A lock or queue that has to wait finds itself bound to another loop (3.10 and later).
    - A task meets a future of another loop. It puts itself into the message, by `repr`, when its coroutine is
      suspended; nobody else can do that for a task that is its loop's current one. Before 3.10 locks come this way.
    - A future is handed to `run_until_complete`, `gather`, `wait` or `wait_for` of another loop, which compare.

    And one leads to none: `asyncio.wait` no longer compares (3.11 and later), and waits for ever.
    """

    name = "wrong loop"
    libraries = ("aiohttp.helpers",)
    raises = (_OTHER_FUTURE, _NO_TASK)

    def __init__(self, probe: Probe) -> None:
        super().__init__(probe)
        self._restore_repr: Callable[[], None] = _nothing

    def attach_asyncio(self, asyncio: Any) -> None:
        self._tasks = asyncio.tasks
        self._running_loop = asyncio.events._get_running_loop
        self._is_future = asyncio.isfuture
        self._told: set[tuple[int, int, int, str]] = set()
        self._epoch = -1
        self._swap_repr(asyncio.base_tasks)
        bound = getattr(getattr(asyncio, "mixins", None), "_LoopBoundMixin", None)
        if bound is not None:
            self.patches.replace(bound, "_get_loop", self._wrap_bound)
        elif sys.version_info >= (3, 10):
            raise MissingName("asyncio.mixins._LoopBoundMixin")
        if sys.version_info >= (3, 11):
            self.patches.replace(asyncio.tasks, "_wait", self._wrap_wait)

    def detach(self) -> None:
        self._restore_repr()
        super().detach()

    def failed(self, error: Exception) -> None:
        super().failed(error)
        self._restore_repr()

    # -- bound to a loop ----------------------------------------------------------------------------------------------

    def _wrap_bound(self, original: Any) -> Any:
        bind, refused = self._bind, self._refused

        @functools.wraps(original)
        def _get_loop(thing: Any) -> Any:
            if thing._loop is None:
                loop = original(thing)
                bind(thing)
                return loop
            try:
                return original(thing)
            except RuntimeError:
                refused(thing)
                raise

        return _get_loop

    def _bind(self, thing: Any) -> None:
        """A lock or queue has to wait for the first time, which binds it to the loop."""
        if self.is_on:
            try:
                thing._loopwarden_bound = self.locate(2)[0] | self.journal.high_word
            except AttributeError:
                pass  # a class of the user's that takes no attributes
            except RecursionError:
                too_deep()
            except Exception as error:
                self.failed(error)

    def _refused(self, thing: Any) -> None:
        if self.is_on:
            try:
                running = self._running_loop()
                owner = thing._loop
                if running is not None and owner is not None and running is not owner:
                    outermost: Any = thing
                    frame: FrameType | None = _getframe(2)
                    while frame is not None and self.sites.kind_of(frame.f_code) == MACHINERY:
                        outermost = _asyncio_object(frame) or outermost
                        frame = frame.f_back
                    self._tell(running, owner, self.locate(2)[0], outermost, thing)
            except RecursionError:
                too_deep()
            except Exception as error:
                self.failed(error)

    # -- awaited in a task --------------------------------------------------------------------------------------------

    def _swap_repr(self, base_tasks: Any) -> None:
        """Puts a hook into `_task_repr_info`: into the function itself, because C code keeps that."""
        function = getattr(base_tasks, "_task_repr_info", None)
        if type(function) is not FunctionType or function.__code__.co_freevars:
            raise MissingName("asyncio.base_tasks._task_repr_info")
        before = vars(base_tasks).get(_REPR_HOOK)  # another probe's
        code = function.__code__
        original = before or FunctionType(code, function.__globals__, function.__name__)
        meets = self._meets

        def hook(task: Any) -> Any:
            meets(task)
            return original(task)

        def restore() -> None:
            if vars(base_tasks).get(_REPR_HOOK) is not hook:
                return  # another probe's stands over ours, which stays and does nothing
            if before is not None:
                setattr(base_tasks, _REPR_HOOK, before)
            elif function.__code__ is _task_repr_info.__code__:
                function.__code__ = code
                delattr(base_tasks, _REPR_HOOK)

        setattr(base_tasks, _REPR_HOOK, hook)
        function.__code__ = _task_repr_info.__code__
        self._restore_repr = restore

    def _meets(self, task: Any) -> None:
        """A task shows itself: perhaps because its coroutine awaits what belongs to another loop."""
        if not self.is_on:
            return
        try:
            coroutine = task.get_coro()
            if getattr(coroutine, "cr_running", getattr(coroutine, "gi_running", True)):
                return
            loop = task.get_loop()
            if self._tasks.current_task(loop) is not task:
                return
            frames, future = self._chain(coroutine)
            if future is None:
                return
            owner = future.get_loop()
            if owner is loop:
                return
            self._tell(loop, owner, self.sites.of_frames(frames), *self._thing(frames, future))
        except RecursionError:
            too_deep()
        except Exception as error:
            self.failed(error)

    def _chain(self, awaitable: Any) -> tuple[list[FrameType], Any]:
        """The frames of a suspended coroutine, outermost first, and the future that the innermost awaits, if one."""
        frames: list[FrameType] = []
        for _ in range(_LONGEST_CHAIN):
            if awaitable is None or self._is_future(awaitable):
                break
            for of_code, of_frame, of_inner in _SUSPENDABLE:
                if getattr(awaitable, of_code, None) is not None:
                    frame = getattr(awaitable, of_frame, None)
                    if frame is not None:
                        frames.append(frame)
                    awaitable = getattr(awaitable, of_inner, None)
                    break
            else:  # what stands between: the iterators of futures, of asynchronous generators, of __await__
                awaitable = next(filter(self._goes_on, gc.get_referents(awaitable)), None)
        if awaitable is None and frames:  # Future.__await__ in Python is a generator
            awaitable = frames[-1].f_locals.get("self")
        return frames, awaitable if awaitable is not None and self._is_future(awaitable) else None

    def _goes_on(self, thing: Any) -> bool:
        return self._is_future(thing) or type(thing).__name__ in ("coroutine", "async_generator", "generator")

    def _thing(self, frames: list[FrameType], future: Any) -> tuple[Any, Any]:
        """What the user's code has used, as far as it is known, and what in it belongs to the other loop."""
        outermost: Any = None
        library: Any = None
        for frame in reversed(frames):
            kind = self.sites.kind_of(frame.f_code)
            if kind == MACHINERY:
                if library is None:
                    outermost = _asyncio_object(frame) or outermost
            elif kind == LIBRARY:
                library = _self_of(frame) or library
            elif kind == USER:
                break
        if outermost is not None:
            return outermost, outermost
        return (future, future) if library is None else (library, future)

    # -- handed over --------------------------------------------------------------------------------------------------

    def at_message(self, message: Message, raised: Any) -> None:
        """ensure_future() refuses, or aiohttp.

        :raises Exception: what goes wrong; the caller takes care of it.
        """
        values = raised.frame.f_locals
        if message is _NO_TASK:
            timer = values.get("self")
            running, owner = self._running_loop(), getattr(timer, "_loop", None)
            if running is not None and owner is not None and running is not owner:
                self._tell(running, owner, raised.site, self._client(raised.frame) or timer, timer)
            return
        future = values.get("coro_or_future")
        if self._is_future(future):
            self._handed_over(values.get("loop"), future.get_loop(), future, raised.site)

    def _client(self, frame: FrameType | None) -> Any:
        """The object of a library that the user's code has called, outwards from a frame of the library's."""
        client: Any = None
        while frame is not None and self.sites.kind_of(frame.f_code) != USER:
            if self.sites.kind_of(frame.f_code) == LIBRARY:
                client = _self_of(frame) or client
            frame = frame.f_back
        return client

    def _wrap_wait(self, original: Any) -> Any:
        waits = self._waits

        # No `async def`: it would add a frame to what `task.get_stack` shows.
        @functools.wraps(original)
        def _wait(futures: Any, timeout: Any, return_when: Any, loop: Any) -> Any:
            waits(futures, loop)
            return original(futures, timeout, return_when, loop)

        return _wait

    def _waits(self, futures: Any, loop: Any) -> None:
        if self.is_on:
            try:
                for future in futures:
                    if future.get_loop() is not loop:
                        self._handed_over(loop, future.get_loop(), future, self.locate(2)[0])
                        break
            except RecursionError:
                too_deep()
            except Exception as error:
                self.failed(error)

    def _handed_over(self, loop: Any, owner: Any, future: Any, site: int) -> None:
        if loop is not None and owner is not None and loop is not owner:
            self._tell(loop, owner, site, future, future)

    # -- what is told -------------------------------------------------------------------------------------------------

    def _tell(self, loop: Any, owner: Any, site: int, thing: Any, part: Any) -> None:
        """Reports that `thing`, of which `part` belongs to `owner`, is used on `loop`; once for each line and phase."""
        user, used = self.known(id(loop)), self.known(id(owner))
        if user is None or used is None:
            return
        name = "{}.{}".format(type(thing).__module__, type(thing).__qualname__)
        if self._epoch != self.journal.epoch:
            self._epoch = self.journal.epoch
            self._told.clear()
        key = (site, user.serial, used.serial, name)
        if key in self._told or len(self._told) >= _MOST_REPORTS:
            return
        self._told.add(key)
        made = remembered(thing, MADE, "created")
        related = [made if made[1] else remembered(part, MADE, "created"), remembered(part, BOUND, "bound")]
        code = getattr(getattr(part, "get_coro", _nothing)(), "cr_code", None)
        if code is not None:
            related.append(("task", self.sites.of_code(code), 0))
        flags = facts.IS_FUTURE if self._is_future(thing) else facts.IS_CLIENT if thing is not part else 0
        self.report(facts.WRONG_LOOP, flags, user.serial, site, name, used.serial, related)


def _nothing() -> None:
    return None


def _self_of(frame: FrameType) -> Any:
    """The object whose method a frame runs; None for plain functions."""
    return frame.f_locals.get("self")


def _asyncio_object(frame: FrameType) -> Any:
    """As `_self_of`, where the method is asyncio's and the object one that users know."""
    module = str(frame.f_globals.get("__name__", ""))
    if not module.startswith(("asyncio.locks", "asyncio.queues", "asyncio.streams", "asyncio.subprocess")):
        return None
    return _self_of(frame)


def _task_repr_info(task):  # type: ignore[no-untyped-def]
    # Only its code is used, in the function of this name in asyncio.base_tasks.
    return _loopwarden_task_repr_info(task)  # type: ignore[name-defined]  # noqa: F821
