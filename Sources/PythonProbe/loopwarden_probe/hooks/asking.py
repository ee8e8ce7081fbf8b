"""Answers what the daemon asks of a busy process by signals: whether its loop turns, and what its tasks wait for.

The handlers run in the main thread, between two instructions of whatever it is doing. Nothing happens unasked.
"""

from __future__ import annotations

import sys

from .. import facts
from .base import Hook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

_MOST_TASKS = 50
_LONGEST_CHAIN = 100  # of awaits
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

    def _tell_tasks(self) -> None:
        tasks = sys.modules.get("asyncio.tasks")
        if tasks is None:
            return
        left = _MOST_TASKS
        for record in self.loops.open():
            loop = record() if record.running else None
            if loop is None:
                continue
            busy = facts.LOOP_IS_BUSY if tasks.current_task(loop) is not None else 0
            for task in tasks.all_tasks(loop):
                if left == 0:
                    return
                left -= 1
                coroutine = task.get_coro()
                flags = busy | (facts.WAITS_FOR_TASKS if _waits_for_tasks(task, coroutine) else 0)
                site = self.sites.of_suspended(coroutine)
                name = str(getattr(coroutine, "__qualname__", ""))
                self.report(facts.AWAIT_PENDING, flags, record.serial, site, name)


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
