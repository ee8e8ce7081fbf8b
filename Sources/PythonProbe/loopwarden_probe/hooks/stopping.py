"""Sees stop(), except the one with which every run_until_complete ends by itself."""

from __future__ import annotations

import functools
import sys
from sys import _getframe

from .. import facts
from ..sites import WIRE_FLAGS
from .base import Hook, too_deep
from .raising import is_wrapper

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any


class StoppingHook(Hook):
    name = "stopping"

    def attach_asyncio(self, asyncio: Any) -> None:
        own_end = getattr(asyncio.base_events, "_run_until_complete_cb", None)
        own_end_code = getattr(own_end, "__code__", None)

        def make(original: Any) -> Any:
            @functools.wraps(original)
            def stop(loop: Any) -> None:
                # Told first: from another thread, the loop may end, and the invocation with it, before this goes on.
                if _getframe(1).f_code is not own_end_code:
                    self._stopped(loop)
                original(loop)

            return stop

        self.patches.replace(asyncio.base_events.BaseEventLoop, "stop", make)

    def attach_uvloop(self, uvloop: Any) -> None:
        run_codes = self.probe.sites.run_codes
        runners_file = getattr(sys.modules.get("asyncio.runners"), "__file__", None)

        def is_told(caller: FrameType) -> bool:
            # uvloop's own callback leaves no frame, so the caller seems to be who began the run, or the wrapper
            # around that. A bare `loop.call_soon(loop.stop)` looks the same and is left out as well: no noise is
            # worth more here.
            code = caller.f_code
            if is_wrapper(caller) or code.co_filename == runners_file or code in run_codes:
                return False
            runs = self.journal.thread().runs
            return not (runs and runs[-1][3] is code)

        def make(original: Any) -> Any:
            @functools.wraps(original)
            def stop(loop: Any) -> None:
                # As above, but a closed loop refuses.
                if is_told(_getframe(1)) and not loop.is_closed():
                    self._stopped(loop)
                original(loop)

            return stop

        self.patches.replace(uvloop.Loop, "stop", make)

    def _stopped(self, loop: Any) -> None:
        if self.is_on:
            try:
                record = self.known(id(loop))
                if record is not None:
                    site, flags = self.locate(2)
                    self.journal.event(facts.LOOP_STOPPED, flags & WIRE_FLAGS, record.serial, site)
            except RecursionError:
                too_deep()
            except Exception as error:
                self.failed(error)
