"""Sees coroutines that are dropped without ever having been awaited, also where warnings are filtered out."""

from __future__ import annotations

import functools
import sys
from types import CodeType

from .. import facts
from ..sites import USER
from ..tasks import name_of
from .base import Hook, too_deep
from .mentioning import names_of_line
from .using import was_told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

    from ..probe import Probe


# Instructions that drop a coroutine where it was made: a statement of its own, a cell's last line, a condition,
# and a loop over filter(), which takes it for one.
_DROPS = (
    *("POP_TOP", "PRINT_EXPR", "CALL_INTRINSIC", "POP_JUMP", "JUMP_IF", "TO_BOOL", "UNARY_NOT", "FORMAT"),
    "FOR_ITER",
)
# Those that drop what a variable held.
_REPLACES = ("STORE", "DELETE", "RETURN")


class UnawaitedHook(Hook):
    """The interpreter looks the function up in `warnings` for each coroutine that it drops."""

    name = "unawaited"
    libraries = ("warnings",)

    def __init__(self, probe: Probe) -> None:
        super().__init__(probe)
        self._told: set[tuple[int, int]] = set()
        self._epoch = -1
        self._has_depth = False

    def attach_warnings(self, warnings: Any) -> None:
        self.patches.replace(warnings, "_warn_unawaited_coroutine", self._wrap)
        if self.probe.is_deep and not sys.get_coroutine_origin_tracking_depth():
            sys.set_coroutine_origin_tracking_depth(1)
            self._has_depth = True

    def detach(self) -> None:
        if self._has_depth:
            self._has_depth = False
            sys.set_coroutine_origin_tracking_depth(0)
        super().detach()

    def _wrap(self, original: Any) -> Any:
        dropped = self._dropped

        @functools.wraps(original)
        def _warn_unawaited_coroutine(coroutine: Any) -> None:
            try:
                original(coroutine)
            finally:  # raises where warnings are errors
                dropped(coroutine)

        # The original blames its caller's line. `warn` passes over the frames of the import system.
        wrapper: Any = _warn_unawaited_coroutine
        wrapper.__code__ = wrapper.__code__.replace(co_filename="<frozen importlib._bootstrap>")
        return wrapper

    def _dropped(self, coroutine: Any) -> None:
        if not self.is_on or sys.is_finalizing():
            return
        try:
            code = getattr(coroutine, "cr_code", None)
            if type(code) is not CodeType:
                return
            for hook in self.probe.hooks:
                hook.at_dropped(coroutine)
            if was_told(coroutine):
                return
            found = self._place(coroutine, code)
            if found is None:
                return
            site, flags = found
            if self._epoch != self.journal.epoch:
                self._epoch = self.journal.epoch
                self._told.clear()
            if (site, id(code)) not in self._told:
                self._told.add((site, id(code)))
                defined = ("defined", self.sites.of_code(code), self.journal.ordinal)
                self.report(facts.NEVER_AWAITED, flags, 0, site, name_of(coroutine), 0, [defined])
        except RecursionError:
            too_deep()
        except Exception as error:
            self.failed(error)

    def _place(self, coroutine: Any, code: CodeType) -> tuple[int, int] | None:
        """The site to blame, and flags; None where there is nobody to blame."""
        is_users = self.sites.kind_of(code) == USER
        origin = getattr(coroutine, "cr_origin", None)
        if origin:
            file, line, function = origin[0][:3]
            site = self.sites.of_line(file, line, function)
            if site:
                return site, facts.AT_CALL
        frame: FrameType | None = sys._getframe(2).f_back  # past _dropped and the wrapper: who dropped it
        if frame is not None and self.sites.kind_of(frame.f_code) == USER:
            names, opcode = names_of_line(frame.f_code, frame.f_lineno or 0, frame.f_lasti)
            if code.co_name in names:
                if opcode.startswith(_DROPS):
                    return self.sites.of_frame(frame), facts.AT_CALL
                if not opcode.startswith(_REPLACES):
                    return None  # an exception on its way has swept it off: that is what there is to say
        return (self.sites.of_code(code), 0) if is_users else None
