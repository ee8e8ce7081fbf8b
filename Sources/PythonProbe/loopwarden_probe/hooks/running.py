"""Sees loops begin and end to run, in the one place that asyncio, uvloop and nest_asyncio all go through."""

from __future__ import annotations

import functools
import sys

from .. import facts
from ..loops import record_of
from .base import Hook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any, Callable, Optional

    from ..loops import LoopRecord

# uvloop binds the function at its import and keeps it for ever. So there is one wrapper for the life of the process,
# and what it tells is changed.
_observe: Optional[Callable[[Any, Any], None]] = None
_wrapper: Any = None


class Run:
    """One run under way in a thread. `code` and `instruction` tell where it was begun, to know its end by."""

    __slots__ = ("record", "site", "flags", "code", "instruction")

    def __init__(self, record: Optional[LoopRecord], site: int, flags: int, code: CodeType, instruction: int) -> None:
        self.record = record
        self.site = site
        self.flags = flags
        self.code = code
        self.instruction = instruction


class RunningHook(Hook):
    name = "running"

    def attach_asyncio(self, asyncio: Any) -> None:
        global _observe
        self.patches.replace(asyncio.events, "_set_running_loop", _wrap)
        self.patches.add(asyncio, "_set_running_loop", asyncio.events._set_running_loop)
        _observe = self._changed

    def detach(self) -> None:
        global _observe
        if _observe == self._changed:
            _observe = None
        super().detach()

    def _changed(self, loop: Any, caller: Any) -> None:
        if not self.is_on:
            return
        try:
            if loop is None:
                runs = self.journal.thread.runs
                while runs:
                    self._ended(runs.pop())
            else:
                self._begun(loop, caller)
        except RecursionError:
            pass
        except Exception as error:
            self.failed(error)

    def _begun(self, loop: Any, caller: Any) -> None:
        runs = self.journal.thread.runs
        record = record_of(loop)
        flags = value = 0
        if runs:
            outer = runs[-1]
            # nest_asyncio does not clear the running loop after a nested run but sets it back to the outer one, from
            # the function that began the nested run, further down in it.
            if caller.f_code is outer.code and caller.f_lasti != outer.instruction and len(runs) > 1:
                self._ended(runs.pop())
                return
            flags = facts.NESTED
            value = 0 if outer.record is None else outer.record.serial
        site, origin = self.locate(caller)
        flags |= origin
        runs.append(Run(record, site, origin, caller.f_code, caller.f_lasti))
        if record is not None:
            record.ran_epoch = self.journal.epoch
            record.running += 1
            self.journal.event(facts.RUN_BEGUN, flags, record.serial, site, 0, value)

    def _ended(self, run: Run) -> None:
        record = run.record
        if record is not None:
            record.running -= 1
            self.journal.event(facts.RUN_ENDED, run.flags, record.serial, run.site)


def _wrap(original: Any) -> Any:
    global _wrapper
    if _wrapper is None:

        @functools.wraps(original)
        def _set_running_loop(loop: Any) -> None:
            original(loop)
            observe = _observe
            if observe is not None:
                observe(loop, sys._getframe(1))

        _wrapper = _set_running_loop
    return _wrapper
