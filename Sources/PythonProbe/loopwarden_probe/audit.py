"""Looks at what an invocation leaves behind."""

from __future__ import annotations

import gc
import sys

from . import facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .journal import Journal
    from .loops import LoopRecord, Loops

_DEEPEST_HOLDER = 3  # module global → object → its dictionary → loop
_MOST_HOLDERS = 200


class Audit:
    """The facts that no hook can see, because they are about what did not happen."""

    def __init__(self, journal: Journal, loops: Loops) -> None:
        self._journal = journal
        self._loops = loops

    def slot(self) -> None:
        """Records when this thread's current-loop slot points at a closed loop. Never makes a policy or a loop."""
        if not self._loops.existing:
            return
        try:
            events = sys.modules.get("asyncio.events")
            policy = getattr(events, "_event_loop_policy", None)
            loop = getattr(getattr(policy, "_local", None), "_loop", None)
            record = self._loops.known(id(loop))
            if record is not None and record.closed:
                flags = facts.IS_MINDED if self._loops.minds_closed else 0
                self._journal.event(facts.SLOT_LEFT_CLOSED, flags, record.serial, 0)
        except Exception as error:
            self._failed("slot", error)

    def open_loops(self) -> None:
        """Records each loop that is still open and is not the host's."""
        try:
            if not self._loops.existing:
                return
            for record in self._loops.open():
                if not record.is_host:
                    self._journal.event(facts.OPEN_AT_END, self._state(record), record.serial, 0)
        except Exception as error:
            self._failed("open loops", error)

    def _state(self, record: LoopRecord) -> int:
        epoch = self._journal.epoch
        flags = 0
        if record.running:
            flags |= facts.RUNNING_NOW | facts.RAN_IN_PHASE
        elif record.ran_epoch == epoch:
            flags |= facts.RAN_IN_PHASE
        elif record.created_epoch < epoch:
            # Left by an earlier phase and idle: kept on purpose, or lost? Asked once: it walks the whole heap.
            if record.held is None:
                record.held = _is_held_by_module(record())
        if record.held:
            flags |= facts.HELD_BY_MODULE
        return flags

    def _failed(self, part: str, error: Exception) -> None:
        try:
            text = "audit of {}: {}: {}".format(part, type(error).__name__, error)
            self._journal.event(facts.PROBE_FAILED, 0, 0, 0, self._journal.string(text))
        except Exception:
            pass


def _is_held_by_module(loop: Any) -> bool:
    """Whether a module global leads to `loop`: itself, or through an object such as an asyncio.Runner."""
    if loop is None:
        return False
    seen = {id(loop)}
    level = [loop]
    for _ in range(_DEEPEST_HOLDER):
        holders: list[Any] = []
        ignored = {id(level), id(holders), id(sys._getframe())}
        for holder in gc.get_referrers(*level):
            if id(holder) in seen or id(holder) in ignored:
                continue
            if type(holder) is dict and _is_module_namespace(holder):
                return True
            seen.add(id(holder))
            if len(holders) < _MOST_HOLDERS and not isinstance(holder, type(sys._getframe())):
                holders.append(holder)
        level = holders
        if not level:
            return False
    return False


def _is_module_namespace(namespace: Any) -> bool:
    module = sys.modules.get(namespace.get("__name__"))
    return module is not None and getattr(module, "__dict__", None) is namespace
