"""Sees that a loop is to be closed while it runs, which it refuses."""

from __future__ import annotations

from .. import facts
from .base import Hook, Message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

    from ..loops import LoopRecord
    from .raising import Raised


class RefusingHook(Hook):
    name = "refusing"
    raises = (
        Message(
            RuntimeError,
            "Cannot close a running event loop",
            modules=("asyncio.selector_events", "asyncio.base_events"),
            calls=("uvloop:Loop.close",),
        ),
    )

    def at_message(self, message: Message, raised: Raised) -> None:
        """:raises Exception: what goes wrong; the caller takes care of it."""
        record = self._loop_of(raised.frame)
        site = raised.site
        if record is not None and site:  # without a site it is the host's own attempt, which it makes in any case
            self.report(facts.CLOSE_REFUSED, 0, record.serial, site)

    def _loop_of(self, frame: FrameType) -> LoopRecord | None:
        """Of the loop whose `close` a frame runs: asyncio's own, or a wrapper of it."""
        values = frame.f_locals
        candidates: list[Any] = [values.get("self"), values.get("loop"), *(values.get("args") or ())[:1]]
        records = [self.known(id(candidate)) for candidate in candidates if candidate is not None]
        return next((record for record in records if record is not None), None)
