"""Which request is being logged for, and how; cheap, because every worker has one and few handlers log."""

from __future__ import annotations

import os

from loopwarden_probe.lazy import AfterImport

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType


class RequestLog:
    """Sets `logging` up as AWS Lambda does, when it is imported."""

    def __init__(self) -> None:
        self.request_id = ""
        self.tenant_id: str | None = None
        self.is_json = os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"
        level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "")
        self.level = "DEBUG" if level == "TRACE" else level.upper()

    def install(self) -> None:
        """Waits for `logging`; acts at once where it is imported already."""
        AfterImport(("logging",), self._set_up).install()

    def _set_up(self, _: ModuleType) -> None:
        try:
            from . import log_records

            log_records.set_up(self)
        except Exception:
            pass  # a `logging` of the handler's own, perhaps; it must be importable all the same
