"""Deep mode: sees methods of a running loop that another thread calls though they are not thread-safe.

That costs some 100 ns for each callback, and 600 ns on uvloop.
"""

from __future__ import annotations

import functools
from sys import _getframe
from threading import get_ident

from .. import facts
from ..sites import LIBRARY, PROBE, USER
from .base import Hook, too_deep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

# The callers of `_check_closed` that are not thread-safe. run_in_executor is not either, but does no harm.
_UNSAFE = ("call_soon", "call_at", "create_task")
# Methods in C, of futures and tasks, that end in call_soon.
_IN_C = ("set_result", "set_exception", "cancel", "add_done_callback", "create_task", "ensure_future")
_DEEPEST = 20


class CrossingHook(Hook):
    name = "crossing"

    def attach_asyncio(self, asyncio: Any) -> None:
        if self.probe.is_deep:
            self.patches.replace(asyncio.base_events.BaseEventLoop, "_check_closed", self._wrap_check)

    def attach_uvloop(self, uvloop: Any) -> None:
        if self.probe.is_deep:
            for name in ("call_soon", "call_later", "call_at", "create_task"):
                self.patches.replace(uvloop.Loop, name, self._wrap_call)

    def _wrap_check(self, original: Any) -> Any:
        crossed = self._crossed

        @functools.wraps(original)
        def _check_closed(loop: Any) -> None:
            original(loop)
            owner = getattr(loop, "_thread_id", None)
            if owner is not None and owner != get_ident():
                caller = _getframe(1)
                if caller.f_code.co_name in _UNSAFE:
                    crossed(loop, caller.f_code.co_name, caller)

        return _check_closed

    def _wrap_call(self, original: Any) -> Any:
        known, crossed, name = self.known, self._crossed, original.__name__

        @functools.wraps(original)
        def call(loop: Any, *args: Any, **kwargs: Any) -> Any:
            made = original(loop, *args, **kwargs)
            record = known(id(loop))
            if record is not None and record.running and record.runner != get_ident():
                crossed(loop, name, _getframe(0))
            return made

        return call

    def _crossed(self, loop: Any, name: str, frame: FrameType) -> None:
        if not self.is_on:
            return
        try:
            called = self._called(name, frame)
            record = self.known(id(loop))
            if called is None or record is None:
                return
            site, _ = self.locate(2)
            if site:
                self.report(facts.CROSS_THREAD_CALL, 0, record.serial, site, called)
        except RecursionError:
            too_deep()
        except Exception as error:
            self.failed(error)

    def _called(self, name: str, frame: FrameType) -> str | None:
        """What the user's or a library's line has called; None: nothing, it is a finalizer's doing."""
        names: tuple[str, ...] = ()
        following: FrameType | None = frame.f_back
        for _ in range(_DEEPEST):
            if following is None:
                break
            code = following.f_code
            if code.co_name == "__del__":
                return None  # of whatever thread the garbage collector strikes in
            if self.sites.kind_of(code) in (USER, LIBRARY):
                names = code.co_names
                break
            if self.sites.kind_of(code) != PROBE:
                name = code.co_name
            following = following.f_back
        if name in names or not names:
            return name
        in_c = [each for each in _IN_C if each in names]
        return in_c[0] if name in _UNSAFE and len(in_c) == 1 else name
