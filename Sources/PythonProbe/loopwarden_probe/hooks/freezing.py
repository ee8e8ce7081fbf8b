"""Tells what is alive when the environment is about to be frozen, and what becomes of it afterwards.

Nothing happens until the host says that it is about to stop the process (`at_rest`). From then on each task is looked
at twice: when what it waits for is over, and when the next invocation ends, for what could not be watched.
"""

from __future__ import annotations

import sys
import weakref
from time import monotonic_ns

from .. import facts
from ..sites import USER
from ..tasks import CREATED, LEFT, MARK, Tasks, is_users_callback, name_of, number_of
from .base import Hook, too_deep
from .children import ChildrenHook
from .leaving import KNOWN, TOLD
from .threads import ThreadsHook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .. import alive
    from ..loops import LoopRecord
    from ..probe import Probe

_MOST_TOLD = 20  # of each sort


class FreezingHook(Hook):
    name = "freezing"

    def __init__(self, probe: Probe) -> None:
        super().__init__(probe)
        self.tasks: Tasks | None = None
        self.woken_ns = 0  # when the invocation began that followed the freeze
        self._tasks: list[FrozenTask] = []
        self._timers: list[FrozenTimer] = []
        self._sockets: list[alive.Socket] = []
        self._has_rested: list[bool] = []  # for the probe, which looks whether it is empty
        self.needs = {"at_wake": self._has_rested, "at_return": self._has_rested}

    def attach_asyncio(self, asyncio: Any) -> None:
        self.tasks = Tasks(asyncio, self.sites)
        self.plain_future = (asyncio.Future, asyncio.Task)

    # -- before -----------------------------------------------------------------------------------------------------

    def at_rest(self) -> None:
        global alive
        from .. import alive  # now: most environments are never frozen

        self._has_rested[:] = (True,)
        self._timers = [timer for timer in self._timers if timer.is_pending]
        watched = {id(each.task()): each for each in self._tasks if not each.is_over}
        self._tasks = []
        if self.tasks is not None:
            for record in self.loops.open():
                loop = record()
                if loop is not None:
                    self._tell_tasks(record, loop, watched)
                    self._tell_timers(record, loop)
        self._tell_threads()
        self._tell_children()
        self._tell_sockets()

    def _tell_tasks(self, record: LoopRecord, loop: Any, watched: dict[int, FrozenTask]) -> None:
        tasks = self.tasks
        assert tasks is not None
        pending = tasks.pending(loop) if tasks.are_there() else []
        if not pending:
            return
        in_thread = facts.LEFT_IN_THREAD if record.running else 0
        forgotten = {id(task) for task, _ in tasks.forgotten(pending, loop, and_deserted=True)}
        numbered = sorted(((number_of(task), task, coroutine) for task, coroutine in pending), key=_first)
        for number, task, coroutine in numbered:
            if len(self._tasks) >= _MOST_TOLD:
                return
            site = self.sites.of_suspended(task.get_coro())
            flags = in_thread | (facts.IS_FORGOTTEN if id(task) in forgotten else 0)
            before = watched.get(id(task))
            if before is not None:
                before.is_over = True  # what becomes of it is told as of this freeze
            begun = getattr(task, LEFT, self.journal.latest_ordinal) if before is None else before.ordinal
            frozen = FrozenTask(self, record.serial, task, coroutine, number, site, flags, begun)
            frozen.due_ns = alive.due_ns(task, loop, tasks)
            self.report(facts.TASK_FROZEN, flags, record.serial, site, frozen.name, number, frozen.related)
            frozen.watch(task, is_plain=not in_thread)
            self._tasks.append(frozen)

    def _tell_timers(self, record: LoopRecord, loop: Any) -> None:
        handles = getattr(loop, "_scheduled", None)
        if not handles:
            return  # there is none, or it is uvloop, which hides them
        now = loop.time()
        known = {id(timer.handle()) for timer in self._timers}
        try:
            due = sorted((handle.when(), index, handle) for index, handle in enumerate(list(handles)))
        except RuntimeError:
            return  # its thread changes them at this moment
        for when, _, handle in due:
            if handle.cancelled() or len(self._timers) >= _MOST_TOLD:
                continue
            name, site = self._callback(handle._callback)
            if not name:
                continue  # asyncio's own, for a task that waits: that is told of the task
            self.report(facts.TIMER_FROZEN, 0, record.serial, site, name, int((when - now) * 1e9))
            if id(handle) not in known:
                self._timers.append(FrozenTimer(record, handle, name, site))

    def _callback(self, callback: Any) -> tuple[str, int]:
        """Name and site of what a timer calls; no name where that is asyncio's."""
        callback = getattr(callback, "func", callback)  # of functools.partial
        code = getattr(callback, "__code__", None)
        name = getattr(callback, "__qualname__", None)
        if type(name) is not str:
            name = type(callback).__name__
        if code is None:
            return name, 0
        module = getattr(getattr(callback, "__func__", callback), "__module__", None)
        return ("", 0) if str(module).startswith("asyncio.") else (name, self.sites.of_code(code))

    def _tell_threads(self) -> None:
        threads = alive.threads()
        if not threads:
            return
        started = {}
        for hook in self.probe.hooks:
            if isinstance(hook, ThreadsHook):
                started = hook.started()
        frames = sys._current_frames()
        for thread in threads[:_MOST_TOLD]:
            frame = frames.get(thread.ident or 0)
            flags = (facts.IS_DAEMON if thread.daemon else 0) | (facts.OF_EXECUTOR if alive.is_pools(thread) else 0)
            where = 0 if frame is None else self.sites.of_frame(frame)
            related = [("started", *started[thread.ident])] if thread.ident in started else []
            self.report(facts.THREAD_FROZEN, flags, 0, where, alive.thread_name(thread), 0, related)

    def _tell_children(self) -> None:
        for hook in self.probe.hooks:
            if isinstance(hook, ChildrenHook):
                for pid, site, name in hook.running()[:_MOST_TOLD]:
                    self.report(facts.CHILD_FROZEN, 0, 0, site, name, pid)

    def _tell_sockets(self) -> None:
        self._sockets = alive.sockets(self.probe.own_descriptors, _MOST_TOLD)
        for each in self._sockets:
            self.report(facts.SOCKET_FROZEN, 0, 0, 0, each.name, each.descriptor)

    # -- afterwards -------------------------------------------------------------------------------------------------

    def at_wake(self) -> None:
        self.woken_ns = monotonic_ns()
        sockets, self._sockets = self._sockets, []
        for each in sockets:
            if each.has_lost_peer():
                self.report(facts.SOCKET_LOST, 0, 0, 0, each.name, each.descriptor)

    def at_return(self) -> None:
        for frozen in self._tasks:
            frozen.look()
        for timer in self._timers:
            if not timer.is_pending and timer.late_ns(self.woken_ns) > 0:
                late_ns = timer.late_ns(self.woken_ns)
                self.report(facts.TIMER_LATE, 0, timer.loop.serial, timer.site, timer.name, late_ns)
        self._timers = [timer for timer in self._timers if timer.is_pending]


class FrozenTask:
    """A task that is alive at a freeze; looks at how it goes on, and comes to its end."""

    def __init__(
        self,
        hook: FreezingHook,
        loop: int,
        task: Any,
        coroutine: Any,
        number: int,
        site: int,
        flags: int,
        ordinal: int,
    ) -> None:
        self.task = weakref.ref(task)
        self.name = name_of(coroutine)
        self.ordinal = ordinal  # of the invocation after which it was first seen
        self.due_ns: int | None = None  # of the clock that counts on, when its wait ends by itself
        self.is_over = False
        self._has_gone_on = False
        self._is_plain = False
        self._hook = hook
        self._loop = loop
        self._number = number
        self._site = site
        self._flags = flags
        self._waiter: Any = None
        self._is_looked_after = is_users_callback(task, hook.sites, USER)  # a task that is done has forgotten it
        self.related = [
            ("created", getattr(task, CREATED, 0), ordinal),
            ("defined", hook.sites.of_code(coroutine.cr_code), ordinal),
        ]

    def watch(self, task: Any, is_plain: bool) -> None:
        """Has itself called when what the task waits for is over.

        :param is_plain: whether the task's loop stands still now, so that it can be given something to call.
        """
        waiter = getattr(task, "_fut_waiter", None)
        self._is_plain = is_plain
        self._waiter = None
        try:
            if waiter is not None:
                self._waiter = weakref.ref(waiter)
                if is_plain and type(waiter) in self._hook.plain_future and not waiter.done():
                    waiter.add_done_callback(self)  # is called right after the task has gone on
        except (RuntimeError, TypeError):
            pass  # the loop is closed, or the future is one of a library's own: it is looked at later

    def __call__(self, waiter: Any) -> None:
        self.look()

    def look(self) -> None:
        """Tells that the task has gone on, if it has. Never raises."""
        hook = self._hook
        if self.is_over or not hook.is_on or not hook.probe.is_installed:
            return
        try:
            task = self.task()
            if task is None:
                self.is_over = True
            elif task.done():
                self.is_over = True
                self._tell(task)
            elif not self._has_gone_on and self._has_moved(task):
                if hook.tasks is not None and hook.tasks.is_giving_up(task):
                    self.watch(task, self._is_plain)  # until the timeout comes out where it is waited for
                    return
                self._tell(task)
                self._has_gone_on = True
                if self._is_plain:
                    task.add_done_callback(self)
        except RecursionError:
            too_deep()
        except Exception as error:
            hook.failed(error)

    def _has_moved(self, task: Any) -> bool:
        waiter = getattr(task, "_fut_waiter", None)
        return waiter is not (None if self._waiter is None else self._waiter())

    def _tell(self, task: Any) -> None:
        hook = self._hook
        flags = facts.HAS_ENDED if task.done() else 0
        error = None
        if task.cancelled():
            flags |= facts.WAS_CANCELLED
        elif flags:
            error = getattr(task, "_exception", None)  # not `exception()`: that would pass for having looked at it
        if error is not None:
            flags |= facts.HAS_FAILED
            if self._flags & facts.IS_FORGOTTEN and not self._is_looked_after:
                flags |= facts.IS_UNNOTICED
        late_ns = 0 if self.due_ns is None or self._has_gone_on else hook.woken_ns - self.due_ns
        if late_ns > 0 and hook.journal.ordinal >= 0:
            flags |= facts.WAS_OVERDUE
            hook.report(facts.TIMER_LATE, 0, self._loop, self._site, self.name, late_ns)
        related = [*self.related, ("left", self._site, self.ordinal)]
        site = self._site if task.done() else hook.sites.of_suspended(task.get_coro())
        if error is not None:
            related.append(("raised", hook.sites.of_traceback(error.__traceback__), hook.journal.ordinal))
        hook.report(facts.TASK_THAWED, flags, self._loop, site, self.name, self._number, related)
        if flags & facts.IS_UNNOTICED and getattr(task, MARK, 0) == KNOWN and hook.journal.ordinal > self.ordinal:
            setattr(task, MARK, TOLD)  # not once more, as an exception that was never retrieved


class FrozenTimer:
    """What call_later() or call_at() has put off beyond the freeze."""

    def __init__(self, loop: LoopRecord, handle: Any, name: str, site: int) -> None:
        self.loop = loop
        self.handle = weakref.ref(handle)
        self.name = name
        self.site = site
        running = loop()
        ahead = 0.0 if running is None else handle.when() - running.time()
        self._due_ns = monotonic_ns() + int(ahead * 1e9)

    @property
    def is_pending(self) -> bool:
        handle = self.handle()
        return handle is not None and bool(getattr(handle, "_scheduled", False)) and not handle.cancelled()

    def late_ns(self, woken_ns: int) -> int:
        """How late it was at least; not above 0 where it was in time, or was cancelled."""
        handle = self.handle()
        if handle is not None and handle.cancelled():
            return 0
        return woken_ns - self._due_ns


def _first(entry: tuple[int, Any, Any]) -> int:
    return entry[0]
