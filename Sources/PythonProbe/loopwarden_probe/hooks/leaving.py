"""Sees tasks that are not done when they should be: when the answer goes out, when asyncio.run ends, at a close."""

from __future__ import annotations

import functools
import sys
import weakref
from sys import _getframe

from .. import facts
from ..sites import RUNNERS, UVLOOP
from ..tasks import CREATED, LEFT, MARK, Tasks, is_unstarted, name_of, number_of
from .base import Hook, too_deep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any, Iterable, Sized

    from ..loops import LoopRecord
    from ..probe import Probe

_MOST_TOLD = 20  # lines of one loop at one time
_MOST_CODES = 1000
_MOST_STEPS = 32  # of a loop that winds down, in which its tasks are looked at

# What stands on a task: whether the daemon will tell of it, or only knows of it.
KNOWN = 1
TOLD = 2


class LeavingHook(Hook):
    name = "leaving"

    def __init__(self, probe: Probe) -> None:
        super().__init__(probe)
        self.tasks: Tasks | None = None
        self._raised_epoch = -1  # in which something came out of the handler
        self._existing: Sized = ()  # tasks, once asyncio is there
        self.needs = {"at_return": self._existing}
        # Of each coroutine function the latest task that was left on a loop that goes on.
        self._left: dict[CodeType, LeftTask] = {}

    def attach_asyncio(self, asyncio: Any) -> None:
        self.tasks = Tasks(asyncio, self.sites)
        self._existing = self.tasks.existing
        self.needs = {"at_return": self._existing}
        self._cancelled_error = asyncio.CancelledError
        self.patches.replace(asyncio.base_events.BaseEventLoop, "close", self._wrap_close)
        if self.probe.is_deep:
            self.patches.replace(asyncio.base_events.BaseEventLoop, "create_task", self._wrap_create)
        self.patches.replace(asyncio.runners, "_cancel_all_tasks", self._wrap_cancel)
        if hasattr(asyncio, "timeouts"):  # from 3.11 on; wait_for's too from 3.12 on
            self.patches.replace(asyncio.timeouts.Timeout, "_on_timeout", self._wrap_timeout)
        if not hasattr(asyncio, "timeouts") or hasattr(asyncio.tasks, "_cancel_and_wait"):
            self.patches.replace(asyncio.tasks, "_cancel_and_wait", self._wrap_wait)

    def attach_uvloop(self, uvloop: Any) -> None:
        self.patches.replace(uvloop.Loop, "close", self._wrap_close)
        if self.probe.is_deep:
            self.patches.replace(uvloop.Loop, "create_task", self._wrap_create)
        if hasattr(uvloop, "_cancel_all_tasks"):  # a copy of its own, which it uses up to 3.10
            self.patches.replace(uvloop, "_cancel_all_tasks", self._wrap_cancel)

    # -- the end of asyncio.run --------------------------------------------------------------------------------------

    def _wrap_cancel(self, original: Any) -> Any:
        are_there, about_to_cancel = self._existing, self._about_to_cancel

        @functools.wraps(original)
        def _cancel_all_tasks(loop: Any) -> None:
            if are_there:
                about_to_cancel(loop)
            original(loop)

        return _cancel_all_tasks

    def _about_to_cancel(self, loop: Any) -> None:
        if not self.is_on or self.tasks is None:
            return
        try:
            record = self.known(id(loop))
            pending = self.tasks.pending(loop)
            if record is None or not pending:
                return
            if not self._is_run_failing():  # else the tasks are left because of the error
                self._tell_unfinished(facts.CANCELLED_BY_RUNNER, record, loop, pending)
            CancelWatch(self, record, loop, pending)
        except RecursionError:
            too_deep()
        except Exception as error:
            self.failed(error)

    def _is_run_failing(self) -> bool:
        """Whether asyncio.run ends because an exception came out of the user's coroutine."""
        frame = _getframe(2).f_back  # of _cancel_all_tasks, that is
        while frame is not None and self.sites.kind_of(frame.f_code) == RUNNERS:
            if frame.f_code.co_name == "__exit__":
                return any(isinstance(each, BaseException) for each in frame.f_locals.values())
            frame = frame.f_back
        traceback = getattr(sys.exc_info()[1], "__traceback__", None)
        return traceback is not None and self.sites.kind_of(traceback.tb_frame.f_code) in (RUNNERS, UVLOOP)

    # -- timeouts ----------------------------------------------------------------------------------------------------

    def _wrap_timeout(self, original: Any) -> Any:
        watch = self.watch

        @functools.wraps(original)
        def _on_timeout(timeout: Any) -> None:
            watch(timeout._task)  # before, so that it sees the task being cancelled
            original(timeout)

        return _on_timeout

    def _wrap_wait(self, original: Any) -> Any:
        watch = self.watch

        @functools.wraps(original)
        def _cancel_and_wait(future: Any, *args: Any, **kwargs: Any) -> Any:
            watch(future)
            return original(future, *args, **kwargs)

        return _cancel_and_wait

    def watch(self, task: Any) -> None:
        """Looks at what a task of the user's makes of the cancellation that it is just given."""
        if not self.is_on or self.tasks is None:
            return
        try:
            if not hasattr(task, "get_coro") or task.done():
                return  # some other future
            coroutine = self.tasks.own_coroutine(task)
            loop = task.get_loop()
            record = self.known(id(loop))
            if coroutine is not None and record is not None:
                CancelWatch(self, record, loop, [(task, coroutine)])
        except RecursionError:
            too_deep()
        except Exception as error:
            self.failed(error)

    # -- the end of an invocation ------------------------------------------------------------------------------------

    def at_raise(self, error: BaseException) -> None:
        self._raised_epoch = self.journal.epoch

    def at_return(self) -> None:
        if self.tasks is None:
            return
        has_raised = self._raised_epoch == self.journal.epoch
        for record in self.loops.open():
            loop = record()
            if loop is None:
                continue
            if not record.running and record.ran_epoch != self.journal.epoch:
                self._tell_unrun(record, loop)
                continue
            pending = self.tasks.pending(loop)
            if not pending:
                continue
            if record.is_host and self.loops.goes_on and not self.probe.freezes:
                continue
            # A test's own loop is closed by now. One that is open is kept for several tests, until its fixture ends.
            if record.is_host and not self.loops.are_kept and not self.probe.is_suite:
                if not has_raised:
                    self._tell_unfinished(facts.CANCELLED_BY_HOST, record, loop, pending)
                if not record.running:
                    CancelWatch(self, record, loop, pending)
            elif record.running:
                sent = [each for each in pending if self.tasks.was_sent_from_thread(each[0])]
                self._tell_left(facts.LEFT_IN_THREAD, record, loop, sent)
            else:
                self._tell_left(facts.LEFT_FROZEN, record, loop, pending)

    def at_shared(self) -> None:
        """Tasks that a shared fixture has begun are its service, and end with it."""
        if self.tasks is None or not self.tasks.are_there():
            return
        for record in self.loops.open():
            loop = record()
            for task, _ in self.tasks.pending(loop) if loop is not None else ():
                if not getattr(task, MARK, 0):
                    self._mark(task, KNOWN)

    def at_loaded(self) -> None:
        """What was begun at import on a loop that does not run yet is for whoever runs it."""
        if self.tasks is not None and self.tasks.are_there():
            for record in self.loops.open():
                loop = record()
                for task, _ in self.tasks.pending(loop) if loop is not None and not record.running else ():
                    self._mark(task, KNOWN)

    def _tell_unrun(self, record: LoopRecord, loop: Any) -> None:
        """Tasks that this invocation has put on a loop which nobody runs."""
        tasks = self.tasks
        if tasks is None or self.probe.is_suite:
            return
        pending = [each for each in tasks.pending(loop) if is_unstarted(each[0].get_coro())]
        for task, coroutine, site in self._culprits(pending, loop):
            if self._mark(task, TOLD):
                related = self._related(task, coroutine)
                number = number_of(task)
                self.report(
                    facts.TASK_UNFINISHED, facts.LEFT_UNRUN, record.serial, site, name_of(coroutine), number, related
                )

    def _tell_unfinished(self, flags: int, record: LoopRecord, loop: Any, pending: list[tuple[Any, Any]]) -> None:
        """Tasks that are cancelled because nobody has waited for them."""
        for task, coroutine, site in self._culprits(pending, loop):
            if self.tasks is None or self.tasks.is_idle(task):
                continue
            self._mark(task, TOLD)
            related = self._related(task, coroutine)
            self.report(facts.TASK_UNFINISHED, flags, record.serial, site, name_of(coroutine), number_of(task), related)

    def _tell_left(self, flags: int, record: LoopRecord, loop: Any, pending: list[tuple[Any, Any]]) -> None:
        """Tasks on a loop that goes on: work that was forgotten, or a service for the whole environment.

        It is work when a later invocation leaves another one of the same function beside it, or when it comes to its
        end there. Another one after it, where it was cancelled or has failed, may be a service that was begun anew.
        """
        ordinal = self.journal.ordinal
        for task, coroutine, site in self._culprits(pending, loop, and_deserted=True):
            code = coroutine.cr_code
            before = self._left.get(code)
            is_repeated = before is not None and before.ordinal != ordinal and before.is_work(flags)
            related = self._related(task, coroutine)
            left = LeftTask(self, task, record.serial, site, name_of(coroutine), number_of(task), related, ordinal)
            if not self._mark(task, TOLD if is_repeated else KNOWN):
                continue  # a task of the user's own making
            setattr(task, LEFT, ordinal)
            if before is not None or len(self._left) < _MOST_CODES:
                self._left[code] = left
            left.flags = facts.LEFT_BY_GATHER if self.tasks is not None and self.tasks.is_deserted(task) else 0
            all_flags = flags | left.flags | (facts.LEFT_BEFORE if is_repeated else 0)
            self.report(facts.TASK_UNFINISHED, all_flags, record.serial, site, left.name, left.number, related)
            task.add_done_callback(left)

    def _culprits(
        self, pending: list[tuple[Any, Any]], loop: Any, and_deserted: bool = False
    ) -> list[tuple[Any, Any, int]]:
        """Of the user's pending tasks those to tell of, each with its coroutine and where that waits; one for a line.

        In the order of the lines: asyncio's sets have none.
        """
        tasks = self.tasks
        if tasks is None:
            return []
        by_site: dict[int, tuple[Any, Any, int]] = {}
        for task, coroutine in tasks.forgotten(pending, loop, and_deserted):
            if getattr(task, MARK, 0) or tasks.awaits_cancellation(task) or tasks.is_cleaning_up(task):
                continue
            site = self.sites.of_suspended(task.get_coro())
            if site:
                by_site.setdefault(site, (task, coroutine, site))
        return [by_site[site] for site in sorted(by_site)[:_MOST_TOLD]]

    def _related(self, task: Any, coroutine: Any) -> list[tuple[str, int, int]]:
        ordinal = self.journal.ordinal
        return [
            ("created", getattr(task, CREATED, 0), ordinal),
            ("defined", self.sites.of_code(coroutine.cr_code), ordinal),
        ]

    def _mark(self, task: Any, mark: int) -> bool:
        try:
            setattr(task, MARK, mark)
            return True
        except (AttributeError, TypeError):
            return False

    # -- a loop is closed --------------------------------------------------------------------------------------------

    def _wrap_close(self, original: Any) -> Any:
        are_there, closed = self._existing, self._closed

        @functools.wraps(original)
        def close(loop: Any) -> None:
            if not are_there:
                original(loop)
                return
            forgotten = self._forgotten(loop)  # looked at before: a closed loop lets go of them
            original(loop)
            if forgotten:
                closed(loop, forgotten)

        return close

    def _forgotten(self, loop: Any) -> list[tuple[Any, Any]]:
        if self.is_on and self.tasks is not None:
            try:
                pending = self.tasks.pending(loop)
                return self.tasks.forgotten(pending, loop) if pending else pending
            except RecursionError:
                too_deep()
            except Exception as error:
                self.failed(error)
        return []

    def _closed(self, loop: Any, forgotten: list[tuple[Any, Any]]) -> None:
        try:
            record = self.known(id(loop))
            if not self.is_on or record is None or record.finalized:
                return
            closer, flags = self.locate(2)
            if flags & facts.BY_HOST and not self.probe.is_suite:
                return  # the handler has broken the host's loop, of which there is enough to say
            told: set[int] = set()
            for task, coroutine in forgotten:
                if getattr(task, MARK, 0) == TOLD or task.done():
                    continue
                self._mark(task, TOLD)
                site = self.sites.of_suspended(task.get_coro())
                if not site or site in told or len(told) >= _MOST_TOLD:
                    continue
                told.add(site)
                related = [*self._related(task, coroutine), ("closed", closer, self.journal.ordinal)]
                begun = facts.NEVER_BEGUN if is_unstarted(task.get_coro()) else 0
                self.report(facts.TASK_LEFT_AT_CLOSE, begun, record.serial, site, name_of(coroutine), 0, related)
        except RecursionError:
            too_deep()
        except Exception as error:
            self.failed(error)

    # -- deep mode ---------------------------------------------------------------------------------------------------

    def _wrap_create(self, original: Any) -> Any:
        locate = self.locate

        @functools.wraps(original)
        def create_task(loop: Any, *args: Any, **kwargs: Any) -> Any:
            task = original(loop, *args, **kwargs)
            if self.is_on:
                try:
                    setattr(task, CREATED, locate(1)[0])
                except RecursionError:
                    too_deep()
                except Exception:
                    pass  # a task factory's task need not take attributes
            return task

        return create_task


class LeftTask:
    """A task that was left unfinished on a loop that goes on; hears of its end."""

    def __init__(
        self,
        hook: LeavingHook,
        task: Any,
        loop: int,
        site: int,
        name: str,
        number: int,
        related: Iterable[tuple[str, int, int]],
        ordinal: int,
    ) -> None:
        self.name = name
        self.number = number
        self.ordinal = ordinal
        self.flags = 0
        self._hook = hook
        self._task = weakref.ref(task)
        self._loop = loop
        self._site = site
        self._related = related
        self._has_finished = False

    def is_work(self, flags: int) -> bool:
        """Whether another one like it shows that it was work, and no service."""
        task = self._task()
        # In another thread it may have finished after the answer and before the freeze, unseen by any invocation.
        return (task is not None and not task.done()) or (self._has_finished and bool(flags & facts.LEFT_IN_THREAD))

    def __call__(self, task: Any) -> None:
        hook = self._hook
        try:
            # Not `exception()`: that would pass for having looked at it.
            if not hook.is_on or task.cancelled() or getattr(task, "_exception", None) is not None:
                return
            self._has_finished = True
            if hook.journal.ordinal in (-1, self.ordinal) or hook.probe.is_ending_shared:
                return
            hook._mark(task, TOLD)
            related = [*self._related, ("left", self._site, self.ordinal)]
            hook.report(facts.TASK_RESUMED, self.flags, self._loop, self._site, self.name, self.number, related)
        except RecursionError:
            too_deep()
        except Exception as error:
            hook.failed(error)


class CancelWatch:
    """Looks on while tasks are cancelled: which of them take it for nothing and go on?

    Between the loop's steps, because only there it is known what each task waits for.
    """

    def __init__(self, hook: LeavingHook, record: LoopRecord, loop: Any, pending: Iterable[tuple[Any, Any]]) -> None:
        self._hook = hook
        self._record = record
        self._tasks = [weakref.ref(task) for task, _ in pending]
        self._asked: set[int] = set()
        self._steps = 0
        if not loop.is_closed():
            loop.call_soon(self._step)

    def _step(self) -> None:
        hook = self._hook
        loop = self._record()
        if not hook.is_on or loop is None or hook.tasks is None:
            return
        try:
            self._tasks = [reference for reference in self._tasks if self._is_open(reference(), hook.tasks)]
            self._steps += 1
            if self._tasks and self._steps < _MOST_STEPS and not loop.is_closed():
                loop.call_soon(self._step)
        except RecursionError:
            too_deep()
        except Exception as error:
            hook.failed(error)

    def _is_open(self, task: Any, tasks: Tasks) -> bool:
        """Whether there is more to see of a task; tells of it where it goes on."""
        if task is None or task.done():
            return False
        if tasks.awaits_cancellation(task):
            self._asked.add(id(task))
            return True
        if id(task) not in self._asked:
            return True
        requests = getattr(task, "cancelling", None)  # from 3.11 on
        if requests is not None and not requests():
            return False  # it was a timeout's, which has taken it back
        if tasks.is_cleaning_up(task):
            return True
        self._tell(task, tasks)
        return False

    def _tell(self, task: Any, tasks: Tasks) -> None:
        hook = self._hook
        coroutine = tasks.own_coroutine(task)
        site = 0 if coroutine is None else hook.sites.of_suspended(task.get_coro())
        if site:
            hook._mark(task, TOLD)
            related = hook._related(task, coroutine)
            hook.report(facts.CANCEL_SWALLOWED, 0, self._record.serial, site, name_of(coroutine), 0, related)
