"""Sees what asyncio complains of: tasks that are lost while pending, and exceptions that nobody has looked at."""

from __future__ import annotations

import functools
import re
import sys

from .. import facts
from ..sites import USER
from ..tasks import CREATED, LEFT, MARK, Tasks, is_unstarted, name_of
from .base import Hook, too_deep
from .leaving import TOLD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

    from ..probe import Probe

_DESTROYED = "Task was destroyed but it is pending!"
_NEVER_RETRIEVED = "{} exception was never retrieved"
_LONGEST_DETAIL = 200
_MOST_DETAILS = 200  # different ones: the journal keeps each for ever


class ComplainingHook(Hook):
    name = "complaining"

    def __init__(self, probe: Probe) -> None:
        super().__init__(probe)
        self.tasks: Tasks | None = None
        self._details: set[str] = set()
        self.needs = {"at_end": ()}  # until asyncio is there

    def attach_asyncio(self, asyncio: Any) -> None:
        self.tasks = Tasks(asyncio, self.sites)
        self.needs = {"at_end": self.tasks.existing}
        self.patches.replace(asyncio.base_events.BaseEventLoop, "call_exception_handler", self._wrap)

    def attach_uvloop(self, uvloop: Any) -> None:
        self.patches.replace(uvloop.Loop, "call_exception_handler", self._wrap)

    def _wrap(self, original: Any) -> Any:
        complained = self._complained

        @functools.wraps(original)
        def call_exception_handler(loop: Any, context: Any) -> Any:
            result = original(loop, context)
            complained(loop, context)
            return result

        return call_exception_handler

    def _complained(self, loop: Any, context: Any) -> None:
        if not self.is_on or self.tasks is None or type(context) is not dict or sys.is_finalizing():
            return
        try:
            message, future = context.get("message"), context.get("future")
            if message == _DESTROYED:
                self._destroyed(loop, context.get("task"))
            elif future is not None and message == _NEVER_RETRIEVED.format(type(future).__name__):
                self._never_retrieved(loop, future, context.get("exception"))
        except RecursionError:
            too_deep()
        except Exception as error:
            self.failed(error)

    # -- tasks that were lost ----------------------------------------------------------------------------------------

    def _destroyed(self, loop: Any, task: Any) -> None:
        if task is None or self.tasks is None or getattr(task, MARK, 0) == TOLD:
            return
        coroutine = self.tasks.own_coroutine(task)
        if coroutine is None:
            return
        flags = facts.NEVER_BEGUN if is_unstarted(coroutine) else 0
        site = self.sites.of_suspended(task.get_coro())
        related = self._related(task, coroutine)
        if hasattr(task, LEFT):
            related.append(("left", site, getattr(task, LEFT)))
        self.report(facts.TASK_DESTROYED, flags, self._serial(loop), site, name_of(coroutine), 0, related)

    # -- exceptions that nobody has looked at ------------------------------------------------------------------------

    def at_end(self) -> None:
        """Does not wait for the garbage collector where nobody can ask a task any more: when its loop is closed."""
        tasks = self.tasks
        if tasks is None:
            return
        for task in tasks.alive():
            if getattr(task, "_log_traceback", False) is not True or getattr(task, MARK, 0) == TOLD:
                continue
            loop = task.get_loop()
            record = self.known(id(loop))
            if record is not None and record.closed and record.ran_epoch == self.journal.epoch:
                self._never_retrieved(loop, task, getattr(task, "_exception", None))
                setattr(task, MARK, TOLD)

    def _never_retrieved(self, loop: Any, future: Any, error: Any) -> None:
        if not isinstance(error, Exception) or getattr(future, MARK, 0) == TOLD or self.tasks is None:
            return
        coroutine = None
        if hasattr(future, "get_coro"):
            coroutine = future.get_coro()
        traceback = error.__traceback__
        if not self._is_users(traceback):
            return  # a library's own task or future, with an error of its own
        site = self.sites.of_traceback(traceback)
        related = [] if coroutine is None else self._related(future, coroutine)
        self.report(facts.EXCEPTION_NEVER_RETRIEVED, 0, self._serial(loop), site, self._text(error), 0, related)

    def _is_users(self, traceback: TracebackType | None) -> bool:
        while traceback is not None:
            if self.sites.kind_of(traceback.tb_frame.f_code) == USER:
                return True
            traceback = traceback.tb_next
        return False

    def _text(self, error: Exception) -> str:
        """Type and message, without what is different each time."""
        name = type(error).__name__
        message = error.args[0] if error.args else ""
        if type(message) is not str or not message:
            return name
        text = "{}: {}".format(name, re.sub("0x[0-9a-fA-F]+", "0x…", message))[:_LONGEST_DETAIL]
        if text not in self._details:
            if len(self._details) >= _MOST_DETAILS:
                return name
            self._details.add(text)
        return text

    # -- both --------------------------------------------------------------------------------------------------------

    def _serial(self, loop: Any) -> int:
        record = self.known(id(loop))
        return 0 if record is None else record.serial

    def _related(self, task: Any, coroutine: Any) -> list[tuple[str, int, int]]:
        ordinal = self.journal.ordinal
        code = getattr(coroutine, "cr_code", None)
        return [
            ("created", getattr(task, CREATED, 0), ordinal),
            ("defined", 0 if code is None else self.sites.of_code(code), ordinal),
        ]
