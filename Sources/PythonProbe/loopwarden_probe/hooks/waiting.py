"""Sees a thread wait for what only the loop that it runs itself could do, or one that nobody runs.

Only waits for coroutines that `run_coroutine_threadsafe` has handed to a loop are looked at, because of them it is
known for whom they wait.
"""

from __future__ import annotations

import functools
import sys
import weakref
from threading import get_ident

from .. import facts
from .base import Hook, too_deep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    # Who joins a thread from within a loop: the loop's address, the site of the join.
    Join = tuple[int, int]

# By thread, the address of the loop that it waits for from outside, and the site of the wait. The loop lives as long as
# somebody waits for it.
waits: dict[int, tuple[int, int]] = {}


class WaitingHook(Hook):
    name = "waiting"
    libraries = ("threading",)

    def attach_asyncio(self, asyncio: Any) -> None:
        self._watched: Any = None
        self._running_loop = asyncio.events._get_running_loop
        self.patches.replace(asyncio.tasks, "run_coroutine_threadsafe", self._wrap_hand_over)
        self.patches.add(asyncio, "run_coroutine_threadsafe", asyncio.tasks.run_coroutine_threadsafe)

    def attach_threading(self, threading: Any) -> None:
        self._joins: dict[int, Join] = {}
        self.patches.replace(threading.Thread, "join", self._wrap_join)

    # -- futures ------------------------------------------------------------------------------------------------------

    def _wrap_hand_over(self, original: Any) -> Any:
        @functools.wraps(original)
        def run_coroutine_threadsafe(coro: Any, loop: Any) -> Any:
            future = original(coro, loop)
            if self.is_on:
                try:
                    self._watch(future, loop)
                except RecursionError:
                    too_deep()
                except Exception as error:
                    self.failed(error)
            return future

        return run_coroutine_threadsafe

    def _watch(self, future: Any, loop: Any) -> None:
        """Gives `future` the class whose waits are seen."""
        watched = self._watched
        if watched is None:
            watched = self._watched = _watched_class(type(future), self)
        if type(future) is not watched.__base__:
            return
        is_own = self._running_loop() is loop
        future._loopwarden_loop = weakref.ref(loop)
        future._loopwarden_origin = (self.locate(2)[0], self.journal.ordinal) if is_own else (0, 0)
        future.__class__ = watched

    def begins(self, future: Any, timeout: Any, method: str) -> bool:
        """A thread is about to wait for `future`; whether `ends` is to be called. Never raises."""
        try:
            if not self.is_on or (timeout is not None and timeout <= 0) or future.done():
                return False
            loop = future._loopwarden_loop()
            if loop is None:
                return False
            if self._running_loop() is loop:
                site, ordinal = future._loopwarden_origin
                related = (("created", site, ordinal),)
                self._tell(id(loop), self.locate(2)[0], "Future.{}()".format(method), related)
                return False
            ident = get_ident()
            site = self.locate(2)[0]
            waits[ident] = (id(loop), site)
            join = self._joins.get(ident)
            if join is not None and join[0] == id(loop):
                self._tell(id(loop), join[1], "Thread.join()", (("created", site, self.journal.ordinal),))
            return True
        except RecursionError:
            return False
        except Exception as error:
            self.failed(error)
            return False

    def ends(self, future: Any, method: str) -> None:
        """The wait of this thread is over; in vain where nobody has run the loop. Never raises."""
        wait = waits.pop(get_ident(), None)
        try:
            if wait is not None and self.is_on and not future.done():
                record = self.known(wait[0])
                if record is not None and not record.running and record.ran_epoch != self.journal.epoch:
                    call = "Future.{}()".format(method)
                    self.report(facts.OWN_LOOP_WAIT, facts.LOOP_IS_IDLE, record.serial, wait[1], call)
        except RecursionError:
            pass
        except Exception as error:
            self.failed(error)

    # -- threads ------------------------------------------------------------------------------------------------------

    def _wrap_join(self, original: Any) -> Any:
        @functools.wraps(original)
        def join(self_: Any, timeout: Any = None) -> Any:
            # With a timeout the loop goes on some time: no deadlock.
            if not self.is_on or timeout is not None or not self._joining(self_):
                return original(self_, timeout)
            try:
                return original(self_, timeout)
            finally:
                self._joins.pop(self_.ident, None)

        return join

    def _joining(self, thread: Any) -> bool:
        """This thread is about to join `thread`; whether that is remembered. Never raises."""
        try:
            events = sys.modules.get("asyncio.events")
            loop = None if events is None else events._get_running_loop()
            if loop is None or thread.ident is None:
                return False
            site = self.locate(2)[0]
            self._joins[thread.ident] = (id(loop), site)
            wait = waits.get(thread.ident)
            if wait is not None and wait[0] == id(loop):
                self._tell(id(loop), site, "Thread.join()", (("created", wait[1], self.journal.ordinal),))
            return True
        except RecursionError:
            return False
        except Exception as error:
            self.failed(error)
            return False

    def _tell(self, address: int, site: int, call: str, related: Any) -> None:
        record = self.known(address)
        self.report(facts.OWN_LOOP_WAIT, 0, 0 if record is None else record.serial, site, call, 0, related)


def _watched_class(base: Any, hook: WaitingHook) -> Any:
    """`base` with waits that are seen, under the same name."""

    class Future(base):  # type: ignore[misc]
        __doc__ = base.__doc__

        def result(self, timeout: Any = None) -> Any:
            is_known = hook.begins(self, timeout, "result")
            try:
                return super().result(timeout)
            finally:
                if is_known:
                    hook.ends(self, "result")

        def exception(self, timeout: Any = None) -> Any:
            is_known = hook.begins(self, timeout, "exception")
            try:
                return super().exception(timeout)
            finally:
                if is_known:
                    hook.ends(self, "exception")

    Future.__module__, Future.__name__, Future.__qualname__ = base.__module__, base.__name__, base.__qualname__
    return Future
