"""Sees loops begin and end to run, in the one place that asyncio, uvloop and nest_asyncio all go through."""

from __future__ import annotations

import functools
from sys import _getframe

from .. import facts
from ..sites import WIRE_FLAGS
from .base import Hook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any, Optional, Tuple

    from ..loops import LoopRecord

    # A run under way: whose, its site and flags, and the code and instruction that began it, to know its end by.
    # A tuple, because making an instance of a class costs as much as the rest of the hook.
    Run = Tuple[Optional[LoopRecord], int, int, Optional[CodeType], int]

# uvloop binds the function at its import and keeps it for ever. So there is one wrapper for the life of the process,
# and whom it tells changes.
_active: RunningHook | None = None
_wrapper: Any = None
_ALL = 1 << 30


class RunningHook(Hook):
    name = "running"

    def attach_asyncio(self, asyncio: Any) -> None:
        global _active
        self.patches.replace(asyncio.events, "_set_running_loop", _wrap)
        self.patches.add(asyncio, "_set_running_loop", asyncio.events._set_running_loop)
        _active = self

    def detach(self) -> None:
        global _active
        if _active is self:
            _active = None
        super().detach()

    def failed(self, error: Exception) -> None:
        global _active
        super().failed(error)
        _active = None

    def begun(self, loop: Any) -> None:
        """A loop has been set as the running one: it begins to run, or goes on after a nested run."""
        thread = self.journal.thread()
        runs = thread.runs
        scope = thread.scope
        flags = value = 0
        code: CodeType | None = None
        instruction = 0
        if scope is not None and not runs and scope() is loop:
            record: LoopRecord | None = scope
            site, origin = scope.site, scope.flags
        else:
            caller = _getframe(2)
            code, instruction = caller.f_code, caller.f_lasti
            if runs:
                outer, _, _, outer_code, outer_instruction = runs[-1]
                # nest_asyncio does not clear the running loop after a nested run but sets it back to the outer one,
                # from the function that began the nested run, further down in it.
                if code is outer_code and instruction != outer_instruction and len(runs) > 1:
                    self.ended(1)
                    return
                flags = facts.NESTED
                value = 0 if outer is None else outer.serial
            record = self.known(id(loop))
            site, origin = self.locate(2)
            origin &= WIRE_FLAGS
        runs.append((record, site, origin, code, instruction))
        if record is not None:
            record.ran_epoch = self.journal.epoch
            record.running += 1
            self.journal.event(facts.RUN_BEGUN, flags | origin, record.serial, site, 0, value)

    def ended(self, most: int) -> None:
        """The innermost runs of this thread, `most` at most, are over."""
        runs = self.journal.thread().runs
        while runs and most:
            record, site, origin, _, _ = runs.pop()
            most -= 1
            if record is not None:
                record.running -= 1
                self.journal.event(facts.RUN_ENDED, origin, record.serial, site)


def _wrap(original: Any) -> Any:
    global _wrapper
    if _wrapper is None:

        @functools.wraps(original)
        def _set_running_loop(loop: Any) -> None:
            original(loop)
            hook = _active
            if hook is not None:
                try:
                    if loop is None:
                        hook.ended(_ALL)
                    else:
                        hook.begun(loop)
                except RecursionError:
                    pass
                except Exception as error:
                    hook.failed(error)

        _wrapper = _set_running_loop
    return _wrapper
