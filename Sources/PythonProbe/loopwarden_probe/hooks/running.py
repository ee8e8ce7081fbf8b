"""Sees loops begin and end to run, in the one place that asyncio, uvloop and nest_asyncio all go through."""

from __future__ import annotations

import functools
from sys import _getframe
from threading import get_ident

from .. import facts
from ..sites import WIRE_FLAGS
from .base import Hook, too_deep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any, Optional, Tuple

    from ..journal import ThreadState
    from ..loops import LoopRecord

    # A run under way: whose, its site and flags << 16, and the code and instruction that began it, to know its end by;
    # without code, it is asyncio.run's.
    # A tuple, because making an instance of a class costs as much as the rest of the hook.
    Run = Tuple[Optional[LoopRecord], int, int, Optional[CodeType], int]

# uvloop binds the function at its import and keeps it for ever. So there is one wrapper for the life of the process,
# and whom it tells changes.
_wrapper: Any = None
_tell: Any = None  # sets the hook that the wrapper tells; None: nobody


class RunningHook(Hook):
    name = "running"

    def attach_asyncio(self, asyncio: Any) -> None:
        self.patches.replace(asyncio.events, "_set_running_loop", _wrap)
        self.patches.add(asyncio, "_set_running_loop", asyncio.events._set_running_loop)
        _tell(self)

    def detach(self) -> None:
        if _tell is not None:
            _tell(None, self)
        super().detach()

    def failed(self, error: Exception) -> None:
        super().failed(error)
        _tell(None)

    def begun(self, thread: ThreadState, loop: Any) -> None:
        """A loop begins to run that is not asyncio.run's, or goes on after a nested run. For the wrapper."""
        runs = thread.runs
        bits = value = 0
        caller = _getframe(2)
        code, instruction = caller.f_code, caller.f_lasti
        if runs:
            outer, _, _, outer_code, outer_instruction = runs[-1]
            # nest_asyncio does not clear the running loop after a nested run but sets it back to the outer one,
            # from the function that began the nested run, further down in it.
            if code is outer_code and instruction != outer_instruction and len(runs) > 1:
                self.ended(thread, runs.pop())
                return
            bits = facts.NESTED << 16
            value = 0 if outer is None else outer.serial
        elif thread.silent is not None:
            bits, value = facts.NESTED << 16, thread.silent.serial
        record = self.known(id(loop))
        site, flags = self.locate(2)
        origin = (flags & WIRE_FLAGS) << 16
        runs.append((record, site, origin, code, instruction))
        if record is not None:
            record.ran_epoch = self.journal.epoch
            record.running += 1
            record.runner = get_ident()
            thread.write(facts.RUN_BEGUN | bits | origin, record.who, site, value)

    def ended(self, thread: ThreadState, run: Run) -> None:
        """The innermost run of this thread is over. For the wrapper."""
        record, site, bits, code, _ = run
        if record is not None:
            record.running -= 1
            thread.write(facts.RUN_ENDED | bits, record.who, site, 0)
            if code is None and not record.closed:
                record.is_winding_down = True
                thread.scope = record


def _wrap(original: Any) -> Any:
    global _wrapper, _tell
    if _wrapper is None:
        _wrapper, _tell = _make(original)
    return _wrapper


def _make(original: Any) -> tuple[Any, Any]:
    """Makes the wrapper, and the function that says whom it tells.

    All in one function, and what it needs in variables of its own: asyncio.run comes here six times.
    """
    hook: RunningHook | None = None
    journal: Any = None
    owner: Any = None
    owner_ident = 0

    def tell(active: RunningHook | None, instead_of: RunningHook | None = None) -> None:
        """:param instead_of: only when this one is told now."""
        nonlocal hook, journal, owner, owner_ident
        if instead_of is None or hook is instead_of:
            hook = active
            if active is not None:
                journal, owner, owner_ident = active.journal, active.journal.owner, active.journal.owner_ident

    @functools.wraps(original)
    def _set_running_loop(loop: Any) -> None:
        original(loop)
        told = hook
        if told is None:
            return
        try:
            if loop is None:
                thread = owner if get_ident() == owner_ident else journal.thread()
                if thread.silent is not None:
                    thread.scope, thread.silent = thread.silent, None
                runs = thread.runs
                while runs:
                    told.ended(thread, runs.pop())
                return
            # No other thread runs a loop that this one is about to run or to close: the thread need not be asked for.
            thread, scope = owner, owner.scope
            if scope is None or scope() is not loop:
                if get_ident() != owner_ident:
                    thread = journal.thread()
                    scope = thread.scope
                if scope is None or scope() is not loop:
                    told.begun(thread, loop)
                    return
            thread.scope = None
            if scope.is_winding_down:
                thread.silent = scope
            else:
                scope.ran_epoch = journal.epoch
                scope.running += 1
                thread.runs.append((scope, scope.site, scope.bits, None, 0))
                thread.write(facts.RUN_BEGUN | scope.bits, scope.who, scope.site, 0)
        except RecursionError:
            too_deep()
        except Exception as error:
            told.failed(error)

    return _set_running_loop, tell
