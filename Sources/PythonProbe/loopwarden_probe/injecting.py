"""Makes one invocation fail on purpose, to see what it leaves behind for those that follow.

It is not the code that is made to fail, but what it waits for: a task that waits is woken with an error in the place of
a result. So nothing of ours stands around the user's coroutines, and what it waited for is cancelled, which all that
would still complete it is prepared for.
"""

from __future__ import annotations

import errno
import functools
import os
import sys
from time import sleep

from .patches import Patches
from .sites import HOST, USER
from .tasks import inner_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any, Callable, Iterable, Sequence

    from .sites import Sites

EXCEPTION = "exception"
CANCELLATION = "cancellation"
HANG = "hang"

_MESSAGE = "Connection reset by peer, injected by Loopwarden"
_LONGEST_CHAIN = 100  # of awaits
_DATA = frozenset((type(None), bool, int, float, str, bytes))
_MOST_TRIES = 50  # rounds of the loop in which tasks that were just made come to wait for something
_MOST_ROUNDS = 1000  # in a row in which a task waits for nothing; from then on it is looked at every few milliseconds
_PAUSE_SECONDS = 0.005

# What waits for other tasks, by file of asyncio's and function, and the variable that has them.
_JOINTS = {
    ("tasks.py", "wait_for"): "fut",
    ("tasks.py", "wait"): "fs",
    ("tasks.py", "_wait"): "fs",
    ("tasks.py", "_wait_for_one"): "self",  # before 3.13: "done"
    ("taskgroups.py", "__aexit__"): "self",
    ("taskgroups.py", "_aexit"): "self",
    ("_asyncio.py", "__aexit__"): "self",  # of anyio
}
# What waits for threads otherwise than through an executor: of anyio and aiosqlite.
_OF_THREADS = frozenset(
    (("_asyncio.py", "run_sync_in_worker_thread"), ("core.py", "_execute"), ("core.py", "_connect"))
)
# Files of asyncio's that wait for what no connection can fail: for the program itself, and for child processes.
_PRIMITIVES = frozenset(("locks.py", "queues.py"))
_PROCESSES = frozenset(("subprocess.py", "base_subprocess.py", "unix_events.py"))
# Functions that begin something that others end, that clear away, or that wait only to be cancelled.
_CLEANERS = frozenset(
    (
        "__aexit__",
        "_cancel_and_wait",
        "aclose",
        "cleanup",
        "close",
        "disconnect",
        "serve_forever",
        "shutdown",
        "shutdown_asyncgens",
        "shutdown_default_executor",
        "start",
        "stop",
        "wait_closed",
    )
)


class Injection:
    """One fault for one invocation.

    A suspension is a wait of the handler's outermost work, which is what its host runs, or what it gives to
    `run_until_complete` and with it to `asyncio.run`; waits for nothing, such as `sleep(0)`, do not count. The fault
    comes at the first suspension from the wanted one on where it can come in life, too: connections fail, locks do not.

    :param kind: EXCEPTION, CANCELLATION or HANG.
    :param at: which suspension is wanted, counted from 1.
    :param sites: tells whose code is whose.
    :param tell: called when it is done, in the thread in which it is.
    :param counts: whether a coroutine that a loop is to run is the handler's work.
    :param watch: called with a task that is about to be cancelled.
    """

    def __init__(
        self,
        kind: str,
        at: int,
        sites: Sites,
        tell: Callable[[], None] = lambda: None,
        counts: Callable[[Any], bool] = lambda coroutine: True,
        watch: Callable[[Any], None] = lambda task: None,
    ) -> None:
        self.kind = kind
        self.is_applied = False
        self._at = at
        self._kind_of = sites.kind_of
        self._tell = tell
        self._counts = counts
        self._watch = watch
        self._patches = Patches()
        self._is_over = False
        self._process = os.getpid()
        self._suspensions = 0
        self._followed: tuple[Any, Any] | None = None
        # What the work waits for, with what will wake it and in which context, while it is kept from hearing of it.
        self._held: tuple[Any, Any, Any] | None = None

    def call(self, function: Callable[[], Any]) -> Any:
        """Calls `function`, the handler with its host, and returns what it returns.

        Does not return where the invocation is to hang.
        """
        self._install()
        try:
            return function()
        finally:
            self._finish()
            if self.kind == HANG:
                if not self.is_applied:
                    self._done()
                while True:
                    sleep(3600)

    def explains(self, error: BaseException) -> bool:
        """Whether an error that came out of the handler, and would end the process, is there on purpose."""
        return self.kind == CANCELLATION and self.is_applied and isinstance(error, self._asyncio.CancelledError)

    def _install(self) -> None:
        import asyncio

        self._asyncio = asyncio
        self._folder = os.path.join(os.path.dirname(asyncio.__file__), "")
        self._patches.replace(asyncio.base_events.BaseEventLoop, "run_until_complete", self._wrap)
        uvloop = sys.modules.get("uvloop")
        if uvloop is not None:
            self._patches.replace(uvloop.Loop, "run_until_complete", self._wrap)

    def _finish(self) -> None:
        self._is_over = True
        self._patches.undo()
        self._follow(None)
        self._release()

    def _done(self) -> None:
        self.is_applied = True
        self._tell()

    def _wrap(self, original: Any) -> Any:
        @functools.wraps(original)
        def run_until_complete(loop: Any, future: Any) -> Any:
            if self._is_over or self.is_applied or not self._is_wanted(loop, future):
                return original(loop, future)
            # As the original does it, but before: so that the first look stands right behind the first step.
            work = self._asyncio.ensure_future(future, loop=loop)
            if work is not future:
                work._log_destroy_pending = False
            loop.call_soon(self._look, loop, work, None, 0)
            try:
                return original(loop, work)
            except BaseException:
                if work is not future and work.done() and not work.cancelled():
                    work.exception()
                raise

        return run_until_complete

    # -- the suspensions ---------------------------------------------------------------------------------------------

    def _is_wanted(self, loop: Any, future: Any) -> bool:
        if loop.is_closed() or loop.is_running() or self._asyncio._get_running_loop() is not None:
            return False  # it will be refused, or nest_asyncio runs it within another
        coroutine = future.get_coro() if hasattr(future, "get_coro") else future
        return self._counts(coroutine)

    def _look(self, loop: Any, work: Any, before: Any, rounds: int) -> None:
        """After a step of the work.

        :param before: what it waited for when it was last looked at.
        """
        if self._is_over or self.is_applied or work.done():
            return
        waiter = _waiter_of(work)
        if waiter is None or waiter.done():
            look = functools.partial(self._look, loop, work, before, rounds + 1)
            if rounds < _MOST_ROUNDS:
                loop.call_soon(look)
            else:
                loop.call_later(_PAUSE_SECONDS, look)
            return
        if waiter is not before and not self._is_hosts(work):
            self._suspensions += 1
            if self._suspensions >= self._at:
                # One round later, so that the tasks that were made in this step have begun; until then it is held, for
                # what is quickly done would else escape at times.
                self._hold(work, waiter)
                loop.call_soon(self._act, loop, work, waiter, 0)
                return
        self._follow(waiter, loop, work)

    def _is_hosts(self, work: Any) -> bool:
        """Whether what waits is the host, for what it has asked of the handler's lifespan."""
        codes = _chain(work)
        return bool(codes) and self._kind_of(codes[-1][0]) == HOST

    def _follow(self, waiter: Any, loop: Any = None, work: Any = None) -> None:
        """Looks again when `waiter` is done: the task that waits for it has asked first, and goes on first."""
        if self._followed is not None:
            followed, callback = self._followed
            self._followed = None
            followed.remove_done_callback(callback)
        if waiter is not None:
            callback = functools.partial(self._wake, loop, work, waiter)
            self._followed = (waiter, callback)
            waiter.add_done_callback(callback)

    def _wake(self, loop: Any, work: Any, waiter: Any, _: Any) -> None:
        self._followed = None
        self._look(loop, work, waiter, 0)

    # -- the faults --------------------------------------------------------------------------------------------------

    def _act(self, loop: Any, work: Any, waiter: Any, tries: int) -> None:
        if self._is_over or self.is_applied or os.getpid() != self._process:
            self._release()
        elif work.done() or _waiter_of(work) is not waiter:
            self._release()
            self._look(loop, work, waiter, 0)
        elif self.kind == CANCELLATION:
            self._release()
            self._done()
            self._watch(work)
            work.cancel()
        elif self.kind == HANG:
            if work is waiter:
                for callback, _ in list(work._callbacks or ()):
                    work.remove_done_callback(callback)
            self._held = None  # for ever
            self._done()
        elif self._fail_operation(loop, work):
            pass
        elif waiter.done() or tries >= _MOST_TRIES:
            self._release()
            if waiter.done():
                self._look(loop, work, waiter, 0)
            else:
                self._follow(waiter, loop, work)
        else:
            loop.call_soon(self._act, loop, work, waiter, tries + 1)

    def _hold(self, work: Any, waiter: Any) -> bool:
        """Keeps a task from hearing of what it waits for; whether it could be."""
        for entry in getattr(waiter, "_callbacks", None) or ():
            if type(entry) is tuple and getattr(entry[0], "__self__", None) is work:
                waiter.remove_done_callback(entry[0])
                self._held = (waiter, *entry)
                return True
        return False

    def _release(self) -> None:
        if self._held is not None:
            waiter, wakeup, context = self._held
            self._held = None
            waiter.add_done_callback(wakeup, context=context)

    def _fail_operation(self, loop: Any, work: Any) -> bool:
        """Has the task in which something is waited for woken with an error, now or soon; whether there is one."""
        operation = self._operation(work)
        if operation is None:
            return False
        task, waiter = operation
        if task is not work:
            self._release()
            self._hold(task, waiter)
        if self._held is None:
            return False
        if not waiter.done() and self._is_threads(task, waiter):
            # Nothing stops it: it fails when it is done, so that nothing goes on beside what its failure has led to.
            waiter.add_done_callback(functools.partial(self._end, loop, work))
        else:
            self._fail(loop)
        return True

    def _end(self, loop: Any, work: Any, waiter: Any) -> None:
        """A thread is done with what was waited for."""
        if self._held is not None and not self._is_over and not self.is_applied and _is_harmless(waiter):
            self._fail(loop)
        else:
            self._release()
            self._look(loop, work, _waiter_of(work), 0)

    def _fail(self, loop: Any) -> None:
        """Wakes the task that is held with an error."""
        assert self._held is not None
        waiter, wakeup, context = self._held
        self._held = None
        if not waiter.done() and not getattr(waiter, "_children", None):
            waiter.cancel()
        failed: Any = self._asyncio.Future(loop=loop)
        failed.set_exception(ConnectionResetError(errno.ECONNRESET, _MESSAGE))
        loop.call_soon(wakeup, failed, context=context)
        self._done()

    def _operation(self, task: Any, depth: int = 0) -> tuple[Any, Any] | None:
        """The task in which what `task` waits for is done, and what that one waits for; None: nothing that can fail."""
        waiter = _waiter_of(task)
        if waiter is None or depth > _LONGEST_CHAIN or (waiter.done() and not self._is_held_for_nothing(waiter)):
            return None
        if waiter is not task and hasattr(waiter, "get_coro"):
            return self._operation(waiter, depth + 1)
        chain = _chain(task)
        others = self._others(waiter, chain)
        tasks = sorted((each for each in others if hasattr(each, "get_coro") and not each.done()), key=_number)
        for each in tasks:
            operation = self._operation(each, depth + 1)
            if operation is not None:
                return operation
        if tasks or waiter is task or self._cannot_fail([code for code, _ in chain]):
            return None
        return task, waiter

    def _is_held_for_nothing(self, waiter: Any) -> bool:
        """Whether it was done while it was held, and with a result that nobody has to clear away."""
        return self._held is not None and self._held[0] is waiter and _is_harmless(waiter)

    def _is_threads(self, task: Any, waiter: Any) -> bool:
        """Whether a thread does what is waited for, or the user's own code, which cannot be stopped either."""
        chain = _chain(task)
        if chain and self._kind_of(chain[-1][0]) == USER:
            return True  # a future that the user has made, and somebody completes
        for future in (waiter, *self._others(waiter, chain)):
            for callback, _ in getattr(future, "_callbacks", None) or ():
                if getattr(getattr(callback, "__code__", None), "co_name", None) == "_call_check_cancel":
                    return True  # of run_in_executor()
        return any((os.path.basename(code.co_filename), code.co_name) in _OF_THREADS for code, _ in chain[-2:])

    def _others(self, waiter: Any, chain: Sequence[tuple[CodeType, Any]]) -> Iterable[Any]:
        """The futures and tasks that a task really waits for, where it does so through a function of asyncio's."""
        children = getattr(waiter, "_children", None)  # of gather()
        if children:
            return children  # type: ignore[no-any-return]
        for callback, _ in getattr(waiter, "_callbacks", None) or ():
            inner = _closed_over(callback, "_outer_done_callback", "inner")  # of shield()
            if inner is not None:
                return [inner]
        for code, frame in chain[:-3:-1]:  # as_completed() waits for a queue
            variable = _JOINTS.get((os.path.basename(code.co_filename), code.co_name))
            if variable is None or frame is None:
                continue
            variables = frame.f_locals
            if "done" in variables and code.co_name == "_wait_for_one":
                return self._completing(waiter, variables["done"])
            value = variables.get(variable)
            if variable == "self":
                value = getattr(value, "_todo", None) or getattr(value, "_tasks", None)
            if value is not None:
                return list(value) if isinstance(value, (set, frozenset, list, tuple)) else [value]
        return ()

    def _completing(self, waiter: Any, queue: Any) -> Iterable[Any]:
        """The tasks that as_completed() puts into `queue` when they are done, before 3.13."""
        for task in self._asyncio.all_tasks(waiter.get_loop()):
            for callback, _ in task._callbacks or ():
                if _closed_over(callback, "_on_completion", "done") is queue:
                    yield task

    def _cannot_fail(self, codes: Sequence[CodeType]) -> bool:
        """Whether what waits for something, outermost first, waits for no connection, or while it clears away."""
        is_inside = True  # of a lock or queue, and asked by the user's own line
        for code in reversed(codes):
            file = os.path.basename(code.co_filename)
            is_asyncios = code.co_filename.startswith(self._folder)
            if code.co_name in _CLEANERS or (is_asyncios and file in _PROCESSES):
                return True
            if is_inside and not (is_asyncios and file in _PRIMITIVES):
                is_inside = False
                if code is not codes[-1] and self._kind_of(code) == USER and _is_primitive(codes[-1], self._folder):
                    return True
        return False


def _waiter_of(work: Any) -> Any:
    """What a task waits for; a future that is no task is waited for itself."""
    return getattr(work, "_fut_waiter", None) if hasattr(work, "get_coro") else work


def _is_harmless(waiter: Any) -> bool:
    """Whether it has a result that can be lost: data, and nothing that has to be closed."""
    return not waiter.cancelled() and waiter.exception() is None and _is_data(waiter.result())


def _is_data(value: Any) -> bool:
    if isinstance(value, (list, tuple, dict)):
        return all(type(each) in _DATA for each in value) and (type(value) is not dict or _is_data([*value.values()]))
    return type(value) in _DATA


def _chain(task: Any) -> list[tuple[CodeType, Any]]:
    """Code and frame of all that waits in a task, outermost first."""
    found: list[tuple[CodeType, Any]] = []
    awaitable = task.get_coro() if hasattr(task, "get_coro") else None
    for _ in range(_LONGEST_CHAIN):
        if awaitable is None:
            break
        for prefix in ("cr", "ag", "gi"):
            code = getattr(awaitable, prefix + "_code", None)
            if code is not None:
                found.append((code, getattr(awaitable, prefix + "_frame", None)))
        awaitable = inner_of(awaitable)
    return found


def _closed_over(function: Any, name: str, variable: str) -> Any:
    """A variable that an inner function called `name` has from the outer one; None: it is not that function."""
    code: Any = getattr(function, "__code__", None)
    if getattr(code, "co_name", None) != name or variable not in code.co_freevars:
        return None
    return function.__closure__[code.co_freevars.index(variable)].cell_contents


def _is_primitive(code: CodeType, folder: str) -> bool:
    return code.co_filename.startswith(folder) and os.path.basename(code.co_filename) in _PRIMITIVES


def _number(task: Any) -> tuple[int, str]:
    """Orders tasks as they were made, as far as they were given no names: asyncio's sets have no order."""
    name = task.get_name()
    return len(name), name
