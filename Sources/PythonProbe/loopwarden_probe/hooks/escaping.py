"""Sees what ends the whole process come out of the handler: SystemExit, KeyboardInterrupt, CancelledError."""

from __future__ import annotations

from .. import facts
from .base import Hook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

_LONGEST_CHAIN = 20


class EscapingHook(Hook):
    name = "escaping"

    def at_raise(self, error: BaseException) -> None:
        if isinstance(error, Exception):
            return
        # A task's cancellation is raised anew where the task was awaited; what is further in is the one before.
        tracebacks: list[TracebackType | None] = []
        inner: BaseException | None = error
        while type(inner) is type(error) and len(tracebacks) < _LONGEST_CHAIN:
            tracebacks.append(inner.__traceback__)
            inner = inner.__cause__ or inner.__context__
        self.report(facts.EXIT_ESCAPED, 0, 0, self.sites.of_traceback(*tracebacks), type(error).__name__)
