"""Answers what the daemon asks of a busy process by signals: whether its loop turns, and what its tasks wait for.

The handlers run in the main thread, between two instructions of whatever it is doing. Nothing happens unasked.
"""

from __future__ import annotations

import sys
from threading import get_ident

from .. import facts
from ..sites import HOST, USER
from .base import Hook
from .waiting import waits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

_MOST_TASKS = 50
_LONGEST_CHAIN = 100  # of awaits
# How callers of loops get to know that a task is done: asyncio's and uvloop's run_until_complete, other threads.
_OF_CALLERS = ("_run_until_complete_cb", "done_cb", "_call_set_state")
# What waits for other tasks, by file and function; the rest of these files waits for something else.
_JOINTS = {
    "tasks.py": ("_wait", "wait", "wait_for", "_wait_for_one", "gather", "shield"),
    "taskgroups.py": ("__aexit__", "_aexit"),
    "_asyncio.py": ("__aexit__", "_deliver_cancellation"),  # of anyio
}


class AskingHook(Hook):
    name = "asking"

    def tell_turn(self, signal: int = 0, frame: FrameType | None = None) -> None:
        """Has the loop that runs in this thread say when it turns next. Never raises."""
        try:
            loop = _running_loop()
            if self.is_on and loop is not None:
                # Not call_soon: a loop that idles after all would not wake up for it.
                loop.call_soon_threadsafe(self.journal.turned)
        except Exception:
            pass  # a loop that is closed meanwhile, or one of the user's own making

    def tell_tasks(self, signal: int = 0, frame: FrameType | None = None) -> None:
        """Records where every task of every running loop waits. Never raises."""
        try:
            if self.is_on:
                self._tell_tasks()
        except RecursionError:
            pass  # the program is deep; whatever it is, it does not wait for a task
        except Exception as error:
            self.failed(error)

    def _tell_idle_waits(self) -> None:
        """Records which threads wait for a loop that nobody runs."""
        for address, site in list(waits.values()):
            record = self.known(address)
            if record is not None and not record.running:
                self.report(facts.OWN_LOOP_WAIT, facts.LOOP_IS_IDLE, record.serial, site, "Future.result()")

    def _tell_tasks(self) -> None:
        loop = _running_loop()
        if loop is None:
            # The handler may wait for a loop in another thread. Others have nothing to do with it.
            record = self.known(waits.get(get_ident(), (0, 0))[0])
            loop = None if record is None else record()
            self._tell_idle_waits()
        tasks = sys.modules.get("asyncio.tasks")
        if loop is None or tasks is None:
            return
        record = self.known(id(loop))
        busy = facts.LOOP_IS_BUSY if tasks.current_task(loop) is not None else 0
        pending = list(tasks.all_tasks(loop))
        awaited = _awaited(pending)
        for task in pending[:_MOST_TASKS]:
            coroutine = task.get_coro()
            flags = busy
            if _waits_for_tasks(task, coroutine):
                flags |= facts.WAITS_FOR_TASKS
            if task not in awaited:
                flags |= facts.IN_BACKGROUND
            site = self.sites.of_suspended(coroutine)
            name = str(getattr(self._handlers(coroutine), "__qualname__", ""))
            self.report(facts.AWAIT_PENDING, flags, 0 if record is None else record.serial, site, name)

    def _handlers(self, coroutine: Any) -> Any:
        """Of what the host runs, the outermost coroutine of the user's; else all of it."""
        inner = coroutine
        for _ in range(_LONGEST_CHAIN):
            code = getattr(inner, "cr_code", None)
            if code is None:
                break
            kind = self.sites.kind_of(code)
            if kind == USER or (inner is coroutine and kind != HOST):
                return inner
            inner = inner.cr_await
        return coroutine


def _awaited(pending: list[Any]) -> set[Any]:
    """Those of `pending` that the caller of the loop waits for, as far as can be told; else all."""
    awaited: set[Any] = set()
    roots = [task for task in pending if _is_root(task)]
    if not roots:
        return set(pending)
    while roots:
        task = roots.pop()
        if task in awaited:
            continue
        awaited.add(task)
        waiter = getattr(task, "_fut_waiter", None)
        for other in (waiter, *(getattr(waiter, "_children", None) or ())):
            if hasattr(other, "get_coro") and not other.done():
                roots.append(other)
        if not hasattr(waiter, "get_coro") and _waits_for_tasks(task, task.get_coro()) and not roots:
            return set(pending)  # a task group, asyncio.wait: for which ones is not to be seen
    return awaited


def _is_root(task: Any) -> bool:
    """Whether run_until_complete or another thread waits for `task`."""
    for callback in getattr(task, "_callbacks", None) or ():
        function = callback[0] if isinstance(callback, tuple) else callback
        if getattr(function, "__name__", "") in _OF_CALLERS:
            return True
    return False


def _running_loop() -> Any:
    events = sys.modules.get("asyncio.events")
    return None if events is None else events._get_running_loop()


def _waits_for_tasks(task: Any, coroutine: Any) -> bool:
    """Whether what `task` waits for is other tasks of the loop."""
    waiter = getattr(task, "_fut_waiter", None)
    if waiter is not None and (hasattr(waiter, "get_coro") or hasattr(waiter, "_children")):
        return True
    inner = coroutine
    for _ in range(_LONGEST_CHAIN):
        following = getattr(inner, "cr_await", None)
        if getattr(following, "cr_code", None) is None:
            break
        inner = following
    code = getattr(inner, "cr_code", None)
    if code is None:
        return False
    folder, _, file = code.co_filename.rpartition("/")
    return code.co_name in _JOINTS.get(file, ()) and folder.endswith(("asyncio", "anyio/_backends"))
