"""Sees what ends the whole process come out of the handler: SystemExit, KeyboardInterrupt, CancelledError."""

from __future__ import annotations

from types import CodeType

from .. import facts
from ..sites import HOST
from .base import Hook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

_LONGEST_CHAIN = 20


class EscapingHook(Hook):
    name = "escaping"

    def at_raise(self, error: BaseException) -> None:
        if isinstance(error, Exception) or self.probe.expects_cancellation:
            return
        # A task's cancellation is raised anew where the task was awaited; what is further in is the one before.
        tracebacks: list[TracebackType | None] = []
        inner: BaseException | None = error
        while type(inner) is type(error) and len(tracebacks) < _LONGEST_CHAIN:
            tracebacks.append(inner.__traceback__)
            inner = inner.__cause__ or inner.__context__
        site = self.sites.of_traceback(*tracebacks) or self._called(error.__traceback__)
        self.report(facts.EXIT_ESCAPED, 0, 0, site, type(error).__name__)

    def _called(self, traceback: TracebackType | None) -> int:
        """The handler that the host has called: all that 3.8 leaves of a task's cancellation."""
        while traceback is not None:
            frame = traceback.tb_frame
            if self.sites.kind_of(frame.f_code) == HOST:
                function = getattr(frame.f_locals.get("handler"), "function", None)
                code = getattr(function, "__code__", None)
                if type(code) is CodeType:
                    return self.sites.of_code(code)
            traceback = traceback.tb_next
        return 0
