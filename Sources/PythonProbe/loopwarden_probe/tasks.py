"""What can be told of a task from outside: whose it is, who waits for it, whether it is being cancelled."""

from __future__ import annotations

import gc
import os
import sys
from itertools import count
from types import CodeType

from .sites import LIBRARY, MACHINERY, USER, UVLOOP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable, Sized

    from .sites import Sites

# What the probe sets on a task that it has recorded: asyncio says of some tasks twice what has become of them.
MARK = "_loopwarden_mark"
LEFT = "_loopwarden_left"  # the invocation that left it unfinished on a loop that goes on
CREATED = "_loopwarden_created"  # deep mode: the site that made the task
NUMBER = "_loopwarden_number"  # by which events that speak of the same task know it
_next_number = count(1).__next__
_LONGEST_CHAIN = 100  # of tasks and coroutines that wait for each other
_MOST_TASKS = 2000  # looked at when an invocation ends
# Functions of asyncio's that wait for work, and their files.
_IDLING = frozenset((("get", "queues.py"), ("serve_forever", "base_events.py")))
# Functions whose waiting is part of being cancelled: task groups wait for their tasks. And SQLAlchemy's, which runs a
# greenlet: what that is about cannot be seen.
_TIDYING = frozenset(("__aexit__", "greenlet_spawn"))


class Tasks:
    """Looks at asyncio's tasks. Nothing of the user's is called, and nothing kept."""

    def __init__(self, asyncio: Any, sites: Sites) -> None:
        self._asyncio = asyncio
        self._kind_of = sites.kind_of
        self._future = (asyncio.Future, asyncio.futures._PyFuture)
        self._folder = os.path.join(os.path.dirname(asyncio.__file__), "")
        self._all_tasks = asyncio.all_tasks
        # Weak sets of all tasks alive, done or not; CPython keeps a linked list instead from 3.14 on.
        self._weak = weak = _weak_set(asyncio)
        self._references = getattr(weak, "data", None)
        #: Tells whether any task is alive, in any loop; a matter of some 50 ns.
        self.are_there = are_tasks_there(asyncio)
        #: What is empty where no task is alive that has ever had to wait. Where that is not known it never is.
        self.existing: Sized = (True,) if self._references is None else self._references

    def alive(self) -> list[Any]:
        """All tasks alive, done or not; none where there are very many, or CPython does not know them."""
        if not self._references or len(self._references) > _MOST_TASKS:
            return []
        try:
            return list(self._weak)
        except RuntimeError:
            return []  # another thread makes tasks at this moment

    def pending(self, loop: Any) -> list[tuple[Any, Any]]:
        """The user's tasks of a loop that are not done, each with the outermost coroutine of the user's in it."""
        try:
            tasks = self._all_tasks(loop)
        except RuntimeError:
            return []
        if not tasks or len(tasks) > _MOST_TASKS:
            return []
        pairs = ((task, self.own_coroutine(task)) for task in tasks)
        return [(task, coroutine) for task, coroutine in pairs if coroutine is not None]

    def forgotten(self, tasks: list[tuple[Any, Any]], loop: Any, and_deserted: bool = False) -> list[tuple[Any, Any]]:
        """Those of some pending tasks for which nobody waits: neither another task nor a library.

        :param and_deserted: also those that a gather() has left alone when it failed, as it does.
        """
        awaited: set[int] = set()
        everything = self._all_tasks(loop)
        for task in everything:
            waiter = getattr(task, "_fut_waiter", None)
            awaited.add(id(waiter))
            awaited.update(map(id, getattr(waiter, "_children", None) or ()))
        found: list[tuple[Any, Any]] = []
        timed: list[tuple[Any, Any]] = []
        for task, coroutine in tasks:
            if id(task) in awaited or self._is_managed(task) or _serves_connection(coroutine):
                continue
            waiter_name = self._waiter_of(task, and_deserted)
            if waiter_name == "":
                found.append((task, coroutine))
            elif waiter_name == "_release_waiter":
                timed.append((task, coroutine))
        # Up to 3.11 wait_for() makes a task of its own: who waits for that one may be no task of the user's, but the
        # wait_for() itself. Unless it is being cancelled: it hands that on.
        if not found and timed and not any(self.awaits_cancellation(task) for task in everything):
            return timed
        return found

    def own_coroutine(self, task: Any) -> Any:
        """The outermost coroutine in the task that is the user's; None when the task is a library's."""
        coroutine = task.get_coro()
        for _ in range(_LONGEST_CHAIN):
            code = getattr(coroutine, "cr_code", None)
            if type(code) is not CodeType:
                return None
            kind = self._kind_of(code)
            if kind == USER:
                return coroutine
            if kind != MACHINERY and kind != UVLOOP:
                return None
            coroutine = getattr(coroutine, "cr_await", None)
        return None

    def awaits_cancellation(self, task: Any) -> bool:
        """Whether the task was asked to cancel, and does not know it yet."""
        for _ in range(_LONGEST_CHAIN):
            if getattr(task, "_must_cancel", False) is True:
                return True
            waiter = getattr(task, "_fut_waiter", None)
            if not isinstance(waiter, self._future):
                return False
            if waiter.cancelled() or getattr(waiter, "_cancel_requested", False) is True:
                return True
            task = waiter
        return False

    def is_cleaning_up(self, task: Any) -> bool:
        """Whether the task waits within an `except` or `finally` block that a cancellation has led it to."""
        cancelled = self._asyncio.CancelledError
        awaitable = task.get_coro()
        for _ in range(_LONGEST_CHAIN):
            if awaitable is None:
                return False
            code = getattr(awaitable, "cr_code", None)
            if code is not None and code.co_name in _TIDYING:
                return True
            if any(isinstance(each, cancelled) for each in referents(awaitable)):
                return True
            awaitable = inner_of(awaitable)
        return False

    def is_idle(self, task: Any) -> bool:
        """Whether the task waits for somebody to give it work: at a queue, or for connections."""
        awaitable = task.get_coro()
        for _ in range(_LONGEST_CHAIN):
            code = getattr(awaitable, "cr_code", None)
            if type(code) is not CodeType:
                return False
            if self.is_asyncios(code) and (code.co_name, os.path.basename(code.co_filename)) in _IDLING:
                return True
            awaitable = awaitable.cr_await
        return False

    def is_giving_up(self, task: Any) -> bool:
        """Whether the task is inside a wait_for(), up to 3.11, whose time is over and which lets go of what it ran."""
        awaitable, code = task.get_coro(), None
        for _ in range(_LONGEST_CHAIN):
            if awaitable is None:
                break
            code = getattr(awaitable, "cr_code", code)
            awaitable = inner_of(awaitable)
        return type(code) is CodeType and code.co_name == "_cancel_and_wait" and self.is_asyncios(code)

    def is_deserted(self, task: Any) -> bool:
        """Whether a gather() that has failed meanwhile waited for it."""
        for callback in _callbacks(task):
            code = getattr(callback, "__code__", None)
            if type(code) is CodeType and code.co_name == "_done_callback" and self.is_asyncios(code):
                gathering = _closed_over(callback, "outer")
                return gathering is not None and bool(gathering.done())
        return False

    def was_sent_from_thread(self, task: Any) -> bool:
        """Whether asyncio.run_coroutine_threadsafe made it."""
        return any(code.co_name == "_call_set_state" and self.is_asyncios(code) for code in _callback_codes(task))

    def _is_managed(self, task: Any) -> bool:
        """Whether a library has asked to be told of its end: it answers for the task."""
        return any(self._kind_of(code) == LIBRARY for code in _callback_codes(task))

    def _waiter_of(self, task: Any, unless_done: bool = False) -> str:
        """The function of asyncio's that waits for it: of wait(), wait_for(), gather(), TaskGroup…; empty: none."""
        for callback in _callbacks(task):
            code = getattr(callback, "__code__", None)
            if type(code) is not CodeType or not self.is_asyncios(code):
                continue
            name = code.co_name
            if name == "_call_set_state":
                continue  # a future of another thread's, which nobody need look at
            if getattr(callback, "__qualname__", "").startswith(("as_completed.", "_AsCompletedIterator.")):
                continue  # stays when the loop over its results was left
            if name == "_done_callback":
                if not _is_looked_at(_closed_over(callback, "outer")) or (unless_done and self.is_deserted(task)):
                    continue  # gather() without await
            return name
        return ""

    def is_asyncios(self, code: CodeType) -> bool:
        """Whether code is asyncio's own."""
        return code.co_filename.startswith(self._folder)


def _weak_set(asyncio: Any) -> Any:
    return getattr(asyncio.tasks, "_scheduled_tasks", getattr(asyncio.tasks, "_all_tasks", None))


def are_tasks_there(asyncio: Any) -> Callable[[], object]:
    """Makes the question whether any task is alive, in any loop, or whether that is not known."""
    references = getattr(_weak_set(asyncio), "data", None)
    eager = getattr(asyncio.tasks, "_eager_tasks", None)
    if references is None:
        return lambda: True
    if eager is None:
        return references.__len__  # type: ignore[no-any-return]
    return lambda: references or eager


def number_of(task: Any) -> int:
    """The number of a task, given at the first call; each call another one for tasks that take no attributes."""
    number = getattr(task, NUMBER, 0)
    if type(number) is not int or not number:
        number = _next_number()
        try:
            setattr(task, NUMBER, number)
        except (AttributeError, TypeError):
            pass
    return number


def is_users_callback(task: Any, sites: Sites, user: int) -> bool:
    """Whether a function of the user's was to be called at the task's end, as far as that is still known."""
    return any(sites.kind_of(code) == user for code in _callback_codes(task))


def is_unstarted(coroutine: Any) -> bool:
    """Whether a coroutine has not run at all."""
    frame = getattr(coroutine, "cr_frame", None)
    if frame is None:
        return False
    suspended = getattr(coroutine, "cr_suspended", None)  # from 3.11 on, where an instruction makes the coroutine
    return frame.f_lasti < 0 if suspended is None else not (suspended or coroutine.cr_running)


def name_of(coroutine: Any) -> str:
    """The qualified name of a coroutine's function."""
    name = getattr(coroutine, "__qualname__", None)
    return name if type(name) is str else str(coroutine.cr_code.co_name)


def _callbacks(task: Any) -> Iterable[Any]:
    """What will be called when the task is done."""
    for entry in getattr(task, "_callbacks", None) or ():
        callback = entry[0] if type(entry) is tuple else entry
        # functools.partial, which need not have been imported.
        callback = getattr(callback, "func", callback)
        yield callback


def _callback_codes(task: Any) -> Iterable[CodeType]:
    for callback in _callbacks(task):
        code = getattr(callback, "__code__", None)  # of functions, and through them of methods
        if type(code) is CodeType:
            yield code


def _closed_over(function: Any, name: str) -> Any:
    """The value of a variable that an inner function has from the outer one; None where there is none."""
    function = getattr(function, "__func__", function)
    names = function.__code__.co_freevars
    try:
        return function.__closure__[names.index(name)].cell_contents
    except (ValueError, TypeError):
        return None


def inner_of(awaitable: Any) -> Any:
    """What a suspended coroutine or generator waits for in its turn; None where that is no such thing."""
    for name in ("cr_await", "ag_await", "gi_yieldfrom"):
        if hasattr(awaitable, name):
            return getattr(awaitable, name)
    # A step of an asynchronous generator shows its generator to nobody but the garbage collector.
    if type(awaitable).__name__ in ("async_generator_asend", "async_generator_athrow", "coroutine_wrapper"):
        for each in gc.get_referents(awaitable):
            if hasattr(each, "ag_frame") or hasattr(each, "cr_frame"):
                return each
    return None


def _is_looked_at(gathering: Any) -> bool:
    """Whether somebody waits for a gather(), or has done so: one that failed leaves its other tasks alone."""
    return gathering is None or bool(gathering.done()) or bool(getattr(gathering, "_callbacks", None))


def _serves_connection(coroutine: Any) -> bool:
    """Whether asyncio.start_server made the task for a connection of its own: its end is the peer's business."""
    streams = sys.modules.get("asyncio.streams")
    writer = getattr(streams, "StreamWriter", None)
    for each in referents(coroutine):
        if type(each) is writer and getattr(each._protocol, "_client_connected_cb", None) is not None:
            return True
    return False


def referents(coroutine: Any) -> list[Any]:
    """The objects that a suspended coroutine holds: its variables, and the exceptions that it deals with."""
    # Not through f_locals, which up to 3.12 leaves a copy of all of them in the frame.
    frame = None if sys.version_info >= (3, 11) else getattr(coroutine, "cr_frame", None)
    return gc.get_referents(coroutine) if frame is None else gc.get_referents(coroutine, frame)
