"""Sees stop(), except the one with which every run_until_complete ends by itself."""

from __future__ import annotations

import functools
import sys

from .. import facts
from ..loops import record_of
from .base import Hook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class StoppingHook(Hook):
    name = "stopping"

    def attach_asyncio(self, asyncio: Any) -> None:
        base_events = asyncio.base_events
        own_end = getattr(base_events, "_run_until_complete_cb", None)
        code = getattr(own_end, "__code__", None)

        def is_own_end(caller: Any) -> bool:
            return caller.f_code is code

        self.patches.replace(base_events.BaseEventLoop, "stop", self._wrapper(is_own_end))

    def attach_uvloop(self, uvloop: Any) -> None:
        def is_own_end(caller: Any) -> bool:
            # uvloop's callback leaves no frame, so the caller seems to be who began the run. A bare
            # `loop.call_soon(loop.stop)` looks the same and is left out as well: no noise is worth more here.
            runs = self.journal.thread.runs
            return bool(runs) and caller.f_code is runs[-1].code

        self.patches.replace(uvloop.Loop, "stop", self._wrapper(is_own_end))

    def _wrapper(self, is_own_end: Any) -> Any:
        event, locate = self.journal.event, self.locate

        def make(original: Any) -> Any:
            @functools.wraps(original)
            def stop(loop: Any) -> None:
                original(loop)
                if self.is_on:
                    try:
                        caller = sys._getframe(1)
                        if is_own_end(caller):
                            return
                        record = record_of(loop)
                        if record is not None:
                            site, flags = locate(caller)
                            event(facts.LOOP_STOPPED, flags, record.serial, site)
                    except RecursionError:
                        pass
                    except Exception as error:
                        self.failed(error)

            return stop

        return make
