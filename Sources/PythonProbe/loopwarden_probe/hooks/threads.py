"""Sees threads that invocations start and leave behind, by the line that starts them.

One that outlives its invocation may be a service, or work that goes on for a while. So what is told is a pile: threads
of one line, left by several invocations, of which the older ones were still there when a further invocation ended, and
wait for something that has no end in sight.
"""

from __future__ import annotations

import functools
import gc
import sys
import threading
import weakref
from time import monotonic_ns

from .. import facts
from .base import Hook, too_deep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType
    from typing import Any, Callable

# What the probe sets on an executor that an invocation makes: the line, and the invocation.
MADE = "_loopwarden_pool"
_FEWEST_MAKERS = 3
_FEWEST_SURVIVORS = 2
_MOST_RELATED = 4
# A thread that does not wait for ever is a leak only when it has been there for that long.
_OLD_NS = 10_000_000_000
# Threads that belong to child processes: those are told instead.
_OF_CHILDREN = ("asyncio.unix_events", "concurrent.futures.process", "multiprocessing.queues", "multiprocessing.pool")
# Where a thread waits without an end, by module and function: the innermost frame, and who calls it.
_IDLE = (
    ("concurrent.futures.thread", "_worker"),
    ("multiprocessing.pool", "worker"),
)
_SERVING = ("socketserver", "serve_forever")
_WAITS_FOR_A_RESULT = ("concurrent.futures._base",)


class _Started(weakref.ref):  # type: ignore[type-arg]
    """One thread, weakly."""

    __slots__ = ("pool", "site", "ordinal", "since_ns", "ends", "flags", "name")

    pool: Callable[[], Any] | None  # the executor that it works for, weakly
    site: int
    ordinal: int  # of the invocation that started it, or made its executor
    since_ns: int  # when it was started, or is due to end by itself
    ends: int  # of invocations, at which it was alive
    flags: int
    name: str


class ThreadsHook(Hook):
    name = "threads"
    libraries = ("threading", "concurrent.futures.thread")

    def __init__(self, probe: Any) -> None:
        super().__init__(probe)
        self._pool_target: Any = None
        self._started: list[_Started] = []
        self._mortal: set[int] = set()  # lines whose threads have been seen to end after a while
        self._told: dict[int, int] = {}
        self.needs = {"at_end": self._started}

    def attach_threading(self, threading: Any) -> None:
        self.patches.replace(threading.Thread, "start", self._wrap_start)

    def attach_concurrent_futures_thread(self, module: Any) -> None:
        self._pool_target = getattr(module, "_worker", None)
        self.patches.replace(module.ThreadPoolExecutor, "__init__", self._wrap_executor)

    # -- what is started --------------------------------------------------------------------------------------------

    def _wrap_executor(self, original: Any) -> Any:
        journal = self.journal

        @functools.wraps(original)
        def __init__(executor: Any, *args: Any, **kwargs: Any) -> None:
            original(executor, *args, **kwargs)
            if self.is_on:
                try:
                    ordinal = journal.ordinal
                    if ordinal >= 0:
                        setattr(executor, MADE, (self.locate(1)[0], ordinal))
                except RecursionError:
                    too_deep()
                except Exception as error:
                    self.failed(error)

        return __init__

    def _wrap_start(self, original: Any) -> Any:
        journal = self.journal

        @functools.wraps(original)
        def start(self_: Any) -> None:
            record = None
            if self.is_on:
                try:
                    ordinal = journal.ordinal
                    if ordinal >= 0:
                        record = self._record(self_, ordinal)  # before: a thread that ends forgets what it was for
                except RecursionError:
                    too_deep()
                except Exception as error:
                    self.failed(error)
            original(self_)
            if record is not None:
                self._started.append(record)

        return start

    def _record(self, thread: Any, ordinal: int) -> _Started | None:
        target = getattr(thread, "_target", None)
        flags = facts.IS_DAEMON if getattr(thread, "_daemonic", False) else 0
        since_ns = monotonic_ns()
        pool = None
        if target is not None and target is self._pool_target:
            pool = thread._args[0]
            executor = pool()
            made = getattr(executor, MADE, None)
            if made is None:
                return None  # kept since init
            site, ordinal = made
            flags |= facts.OF_EXECUTOR
            name = type(executor).__name__
        else:
            if _module(target) in _OF_CHILDREN or type(thread).__module__ in _OF_CHILDREN:
                return None
            site = self.locate(2)[0]
            name = _name(thread, target)
            if isinstance(thread, threading.Timer) and type(thread.interval) in (int, float):
                since_ns += int(thread.interval * 1e9)
        if not site:
            return None
        record = _Started(thread)
        record.pool = pool
        record.site = site
        record.ordinal = ordinal
        record.since_ns = since_ns
        record.ends = 0
        record.flags = flags
        record.name = name
        return record

    def started(self) -> dict[int, tuple[int, int]]:
        """By their idents, the threads that invocations have started: the line and the invocation."""
        found = {}
        for record in self._started:
            thread = record()
            if thread is not None and thread.ident is not None:
                found[thread.ident] = (record.site, record.ordinal)
        return found

    # -- what is left -----------------------------------------------------------------------------------------------

    def at_end(self) -> None:
        alive: list[_Started] = []
        lines: dict[int, list[_Started]] = {}
        for record in self._started:
            thread = record()
            if thread is not None and threading._active.get(thread.ident) is thread:  # type: ignore[attr-defined]
                record.ends += 1
                alive.append(record)
                lines.setdefault(record.site, []).append(record)
            elif record.ends:
                self._mortal.add(record.site)
        self._started[:] = alive
        if self.probe.is_suite_over:
            for site, records in lines.items():
                self._judge_at_exit(site, records)
            return
        if len(alive) >= _FEWEST_MAKERS:
            for site, records in lines.items():
                if len(records) >= _FEWEST_MAKERS and site not in self._mortal:
                    self._judge(site, records)

    def _judge_at_exit(self, site: int, records: list[_Started]) -> None:
        """Tells of the threads of a line that the interpreter would wait for, and never be done."""
        frames = sys._current_frames()
        held: list[_Started] = []
        for record in records:
            thread = record()
            frame = None if thread is None else frames.get(thread.ident)
            is_waited_for = not record.flags & (facts.IS_DAEMON | facts.OF_EXECUTOR)
            if frame is not None and is_waited_for and _waits_for_good(frame):
                held.append(record)
        if not held:
            return
        makers = sorted({record.ordinal for record in held})[-_MOST_RELATED:]
        related = [("started", site, ordinal) for ordinal in makers]
        self.report(facts.THREAD_LEFT, facts.HOLDS_EXIT, 0, site, held[-1].name, len(held), related)

    def _judge(self, site: int, records: list[_Started]) -> None:
        """Tells of the threads of a line, if they are a pile, and one that has grown."""
        makers = sorted({record.ordinal for record in records})
        if len(makers) < _FEWEST_MAKERS or makers[-1] == self._told.get(site):
            return
        frames = sys._current_frames()
        looping = {record.runner for record in self.loops.open() if record.running}
        now = monotonic_ns()
        survivors: dict[int, FrameType] = {}
        pools: dict[int, Any] = {}
        for record in records:
            thread = record()
            frame = None if thread is None else frames.get(thread.ident)
            if frame is None or thread is None or thread.ident in looping:
                continue  # a loop that runs on is told of as such
            if record.pool is not None and record.pool() is None:
                continue  # nobody has the pool any more: its threads are about to end
            if record.ends > 1 and (_waits_for_good(frame) or now - record.since_ns > _OLD_NS):
                survivors[record.ordinal] = frame
                if record.pool is not None:
                    pools[record.ordinal] = record.pool
        if len(survivors) >= _FEWEST_SURVIVORS and pools and gc.isenabled():
            # A pool in a cycle of garbage, as asgiref leaves them, ends its threads when that is collected.
            gc.collect()
            for ordinal, pool in pools.items():
                if pool() is None:
                    del survivors[ordinal]
        if len(survivors) < _FEWEST_SURVIVORS:
            return
        self._told[site] = makers[-1]
        waits = self.sites.of_frame(next(iter(survivors.values())))
        shown = makers if len(makers) <= _MOST_RELATED else [makers[0], *makers[1 - _MOST_RELATED :]]
        related = [("started", site, ordinal) for ordinal in shown]
        if waits and waits != site:
            related.append(("waited", waits, self.journal.ordinal))
        newest = records[-1]
        self.report(facts.THREAD_LEFT, newest.flags, 0, site, newest.name, len(records), related)


def _module(target: Any) -> str:
    return str(getattr(getattr(target, "__func__", target), "__module__", ""))


def _name(thread: Any, target: Any) -> str:
    """The thread's name, unless it has a number in it: names are kept, so there must not be one for each thread."""
    name = getattr(thread, "_name", None)
    if type(name) is str and name and not any(character.isdigit() for character in name):
        return name
    function = getattr(target, "__qualname__", None)
    return function if type(function) is str else type(thread).__name__


def _waits_for_good(frame: FrameType) -> bool:
    """Whether a thread waits for work or for a signal, without a limit of time."""
    place = _place(frame)
    if place in _IDLE:
        return True
    if place == ("threading", "wait"):  # of a condition
        caller = frame.f_back
        return (
            frame.f_locals.get("timeout") is None
            and caller is not None
            and _place(caller)[0] not in _WAITS_FOR_A_RESULT
            and _place(caller) != ("queue", "join")
        )
    outer: FrameType | None = frame
    for _ in range(3):
        if outer is None:
            return False
        if _place(outer) == _SERVING:
            return True
        outer = outer.f_back
    return False


def _place(frame: FrameType) -> tuple[str, str]:
    code: CodeType = frame.f_code
    return str(frame.f_globals.get("__name__", "")), code.co_name
