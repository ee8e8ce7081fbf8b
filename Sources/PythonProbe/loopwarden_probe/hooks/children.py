"""Sees child processes that invocations start and leave behind, by the line that starts them.

One that outlives its invocation may be a helper that is kept. So what is told is a pile: children of one line, left by
several invocations; and a child whose loop was closed while it ran, because nothing can wait for it any more.
"""

from __future__ import annotations

import functools
import os
import sys
import weakref

from .. import facts
from .base import Hook, too_deep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from ..loops import LoopRecord

# What the probe sets on an executor that an invocation makes: the line, and the invocation.
MADE = "_loopwarden_pool"
_RUNNING, _EXITED, _GONE = range(3)
_FEWEST_RUNNING = 2  # invocations whose children are there at the same time
_FEWEST_LEFT = 3  # invocations whose children are, zombies included, or were when the next one began
_MOST_RELATED = 4


class _Child:
    """One child process."""

    __slots__ = ("pid", "site", "ordinal", "name", "popen", "loop", "ends", "is_told")

    def __init__(self, pid: int, site: int, ordinal: int, name: str, popen: weakref.ref[Any] | None) -> None:
        self.pid = pid
        self.site = site
        self.ordinal = ordinal  # of the invocation that started it, or made its pool
        self.name = name
        self.popen = popen
        self.loop: LoopRecord | None = None  # that it was started on
        self.ends = 0  # of invocations, at which it was there
        self.is_told = False

    @property
    def is_orphan(self) -> bool:
        """Whether the loop that it was started on is closed."""
        return self.loop is not None and self.loop.closed

    def state(self) -> int:
        """What has become of it. Nothing is taken from those who wait for it."""
        popen = None if self.popen is None else self.popen()
        if popen is not None and popen.returncode is not None:
            return _GONE
        try:
            status = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except OSError:
            return _GONE
        return _RUNNING if status is None else _EXITED


class ChildrenHook(Hook):
    name = "children"
    libraries = ("os", "subprocess", "multiprocessing.process", "concurrent.futures.process")

    def __init__(self, probe: Any) -> None:
        super().__init__(probe)
        self._children: dict[int, _Child] = {}
        # By line, the invocations whose child was still running when the next one began: how many, and the last.
        self._leavers: dict[int, tuple[int, int]] = {}
        self.needs = {"at_wake": self._children, "at_end": self._children}

    def attach_os(self, os: Any) -> None:
        if not hasattr(os, "waitid"):
            self.missing("os.waitid")
            self.is_on = False
            return
        self.patches.replace(os, "fork", functools.partial(self._wrap_spawn, "os.fork()"))
        for name in ("posix_spawn", "posix_spawnp"):
            if hasattr(os, name):
                self.patches.replace(os, name, functools.partial(self._wrap_spawn, "os.{}()".format(name)))

    def attach_subprocess(self, subprocess: Any) -> None:
        self.patches.replace(subprocess.Popen, "__init__", self._wrap_popen)

    def attach_multiprocessing_process(self, process: Any) -> None:
        self.patches.replace(process.BaseProcess, "start", self._wrap_process)

    def attach_concurrent_futures_process(self, module: Any) -> None:
        self.patches.replace(module.ProcessPoolExecutor, "__init__", self._wrap_executor)

    def attach_asyncio(self, asyncio: Any) -> None:
        transport = asyncio.base_subprocess.BaseSubprocessTransport
        self.patches.replace(transport, "__init__", self._wrap_transport)

    def attach_uvloop(self, uvloop: Any) -> None:
        for name in ("subprocess_exec", "subprocess_shell"):
            self.patches.replace(uvloop.Loop, name, self._wrap_uvloop)

    # -- what is started --------------------------------------------------------------------------------------------

    def _wrap_spawn(self, name: str, original: Any) -> Any:
        @functools.wraps(original)
        def spawn(*args: Any, **kwargs: Any) -> int:
            pid: int = original(*args, **kwargs)
            if pid and self.is_on:
                self._note(lambda: self._begin(pid, name, None, 4))
            return pid

        return spawn

    def _wrap_popen(self, original: Any) -> Any:
        @functools.wraps(original)
        def __init__(popen: Any, *args: Any, **kwargs: Any) -> None:
            original(popen, *args, **kwargs)
            if self.is_on:
                self._note(lambda: self._begin(popen.pid, _program(popen.args), popen, 4))

        return __init__

    def _wrap_process(self, original: Any) -> Any:
        @functools.wraps(original)
        def start(process: Any) -> None:
            original(process)
            if self.is_on:
                self._note(lambda: self._begin_process(process))

        return start

    def _wrap_executor(self, original: Any) -> Any:
        @functools.wraps(original)
        def __init__(executor: Any, *args: Any, **kwargs: Any) -> None:
            original(executor, *args, **kwargs)
            if self.is_on and self.journal.ordinal >= 0:
                self._note(lambda: setattr(executor, MADE, (self.locate(3)[0], self.journal.ordinal)))

        return __init__

    def _wrap_transport(self, original: Any) -> Any:
        @functools.wraps(original)
        def __init__(transport: Any, loop: Any, *args: Any, **kwargs: Any) -> None:
            original(transport, loop, *args, **kwargs)
            if self.is_on and self._children:
                self._note(lambda: self._tie(getattr(transport, "_pid", None), loop))

        return __init__

    def _wrap_uvloop(self, original: Any) -> Any:
        @functools.wraps(original)
        async def subprocess(loop: Any, *args: Any, **kwargs: Any) -> Any:
            made = await original(loop, *args, **kwargs)
            if self.is_on:

                def begin() -> None:
                    pid = made[0].get_pid()
                    # Its first argument is the protocol's factory.
                    self._begin(pid, _program(args[1:]), None, 4)
                    self._tie(pid, loop)

                self._note(begin)
            return made

        return subprocess

    def _note(self, action: Callable[[], object]) -> None:
        try:
            action()
        except RecursionError:
            too_deep()
        except Exception as error:
            self.failed(error)

    def _begin(self, pid: Any, name: str, popen: Any, above: int) -> None:
        ordinal = self.journal.ordinal
        if ordinal < 0 or type(pid) is not int:
            return
        site, _ = self.locate(above)
        if site:
            self._children[pid] = _Child(pid, site, ordinal, name, None if popen is None else weakref.ref(popen))

    def _begin_process(self, process: Any) -> None:
        target = getattr(process, "_target", None)
        if getattr(target, "__module__", None) == "concurrent.futures.process":
            self._children.pop(process.pid, None)  # as its fork was seen
            executor = _executor_of(sys._getframe(3))
            made = getattr(executor, MADE, None)
            if made is not None and made[0]:
                name = type(executor).__name__
                self._children[process.pid] = _Child(process.pid, made[0], made[1], name, None)
            return
        popen = getattr(process, "_popen", None)
        name = str(getattr(target, "__qualname__", type(process).__name__))
        self._begin(process.pid, name, popen, 4)

    def _tie(self, pid: Any, loop: Any) -> None:
        child = self._children.get(pid)
        if child is not None:
            child.loop = self.known(id(loop))

    def running(self) -> list[tuple[int, int, str]]:
        """The children that invocations have started and that run: process id, the line and the program."""
        return [(each.pid, each.site, each.name) for each in self._children.values() if each.state() == _RUNNING]

    # -- what is left -----------------------------------------------------------------------------------------------

    def at_wake(self) -> None:
        for child in list(self._children.values()):
            if child.ends == 1 and child.state() == _RUNNING:
                count, last = self._leavers.get(child.site, (0, -1))
                if last != child.ordinal:
                    self._leavers[child.site] = (count + 1, child.ordinal)

    def at_end(self) -> None:
        lines: dict[int, list[tuple[_Child, int]]] = {}
        for child in list(self._children.values()):
            state = child.state()
            if state == _GONE:
                self._children.pop(child.pid, None)
                continue
            child.ends += 1
            lines.setdefault(child.site, []).append((child, state))
        for site, children in lines.items():
            self._judge(site, children)

    def _judge(self, site: int, children: list[tuple[_Child, int]]) -> None:
        """Tells of the children of a line, if they are too many and one is new."""
        newest, state = children[-1]
        if newest.is_told:
            return
        makers = sorted({child.ordinal for child, _ in children})
        flags = facts.HAS_EXITED if state == _EXITED else 0
        orphans = [child for child, state in children if state == _RUNNING and child.is_orphan]
        if orphans and not orphans[-1].is_told:
            newest, flags = orphans[-1], facts.LOOP_IS_GONE
        else:
            running = {child.ordinal for child, state in children if state == _RUNNING}
            is_pile = len(running) >= _FEWEST_RUNNING or len(makers) >= _FEWEST_LEFT
            count, last = self._leavers.get(site, (0, -1))
            is_habit = count + (last != newest.ordinal) >= _FEWEST_LEFT and state == _RUNNING
            is_new = newest.ends == 1 and newest.ordinal == makers[-1]
            if not is_new or not (is_pile or is_habit):
                return
        for child, _ in children:
            child.is_told = True
        shown = makers if len(makers) <= _MOST_RELATED else [makers[0], *makers[1 - _MOST_RELATED :]]
        loop = newest.loop.serial if newest.loop is not None else 0
        related = [("started", site, ordinal) for ordinal in shown]
        self.report(facts.CHILD_LEFT, flags, loop, site, newest.name, newest.pid, related)


def _program(arguments: Any) -> str:
    """The name of the program in what a Popen was given."""
    first = arguments[0] if isinstance(arguments, (list, tuple)) and arguments else arguments
    if isinstance(first, (str, bytes, os.PathLike)):
        words = os.fsdecode(first).split()
        return os.path.basename(words[0]) if words else ""
    return ""


def _executor_of(frame: Any) -> Any:
    """The executor that starts one of its processes further out."""
    for _ in range(4):
        if frame is None:
            return None
        if frame.f_globals.get("__name__") == "concurrent.futures.process":
            return frame.f_locals.get("self")
        frame = frame.f_back
    return None
