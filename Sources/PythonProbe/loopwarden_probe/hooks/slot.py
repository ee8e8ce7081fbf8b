"""Sees the current-loop slot of a thread being set and cleared, and the user looking whether its loop is closed."""

from __future__ import annotations

import functools
import sys
from sys import _getframe
from threading import get_ident

from .. import facts
from ..journal import OWNER
from ..patches import MissingName
from ..sites import USER, WIRE_FLAGS
from .base import Hook, too_deep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Who asks, some four times in the life of a loop, and is nobody's code of interest.
_HABITUAL = frozenset(
    ("asyncio.base_events", "asyncio.selector_events", "asyncio.unix_events", "loopwarden_worker.hosts.per_invocation")
)

if hasattr(sys, "_getframemodulename"):  # from 3.12 on: it makes no frame an object
    _module_of = sys._getframemodulename
else:

    def _module_of(depth: int) -> str | None:
        return _getframe(depth + 1).f_globals.get("__name__")


class SlotHook(Hook):
    name = "slot"

    def attach_asyncio(self, asyncio: Any) -> None:
        events = asyncio.events
        base = getattr(events, "_BaseDefaultEventLoopPolicy", None)  # its name from 3.14 on
        if base is None:
            base = getattr(events, "BaseDefaultEventLoopPolicy", None)
        if base is None:
            raise MissingName("asyncio.events.BaseDefaultEventLoopPolicy")
        self._base = base
        self._abstract = events.AbstractEventLoop
        self._events = events
        self.patches.replace(asyncio.base_events.BaseEventLoop, "is_closed", self._wrap_question)
        self.patches.replace(base, "set_event_loop", self._wrap_setter)
        self._follow(getattr(events, "_event_loop_policy", None))
        # From 3.14 the public function warns and must blame its caller's line, so what it calls is wrapped instead.
        if hasattr(events, "_set_event_loop_policy"):
            self.patches.replace(events, "_set_event_loop_policy", self._wrap_policy_setter)
        else:
            self.patches.replace(events, "set_event_loop_policy", self._wrap_policy_setter)
            self.patches.add(asyncio, "set_event_loop_policy", events.set_event_loop_policy)

    def attach_uvloop(self, uvloop: Any) -> None:
        self.patches.replace(uvloop.Loop, "is_closed", self._wrap_question)

    def _wrap_question(self, original: Any) -> Any:
        loops, kind_of = self.loops, self.sites.kind_of

        @functools.wraps(original)
        def is_closed(loop: Any) -> Any:
            if self.is_on and not loops.minds_closed and _module_of(1) not in _HABITUAL:
                try:
                    policy = getattr(self._events, "_event_loop_policy", None)
                    if getattr(getattr(policy, "_local", None), "_loop", None) is loop:
                        loops.minds_closed = kind_of(_getframe(1).f_code) == USER
                except RecursionError:
                    too_deep()
                except Exception as error:
                    self.failed(error)
            return original(loop)

        return is_closed

    def _wrap_policy_setter(self, original: Any) -> Any:
        @functools.wraps(original)
        def set_event_loop_policy(policy: Any) -> None:
            original(policy)
            if self.is_on:
                try:
                    self._follow(policy)
                except RecursionError:
                    too_deep()
                except Exception as error:
                    self.failed(error)

        return set_event_loop_policy

    def _follow(self, policy: Any) -> None:
        """Patches the class of a policy that does not inherit asyncio's own, as uvloop's does not."""
        if policy is None or isinstance(policy, self._base):
            return
        for cls in type(policy).__mro__:
            if cls.__module__.partition(".")[0] == "asyncio":
                return
            setter = vars(cls).get("set_event_loop")
            if setter is not None:
                if not hasattr(setter, "_loopwarden_original"):
                    self.patches.replace(cls, "set_event_loop", self._wrap_setter)
                return

    def _wrap_setter(self, original: Any) -> Any:
        thread, owner, owner_ident = self.journal.thread, self.journal.owner, self.journal.owner_ident
        locate = self.locate

        @functools.wraps(original)
        def set_event_loop(policy: Any, loop: Any) -> None:
            original(policy, loop)
            if self.is_on:
                try:
                    here = owner if get_ident() == owner_ident else thread()
                    scope = here.scope
                    if scope is not None and (loop is None or scope() is loop):
                        here.write(facts.SLOT_SET | scope.bits, OWNER if loop is None else scope.who, scope.site, 0)
                        return
                    record = self.known(id(loop))
                    if record is None and loop is not None:
                        return
                    site, flags = locate(1)
                    who = OWNER if record is None else record.who
                    here.write(facts.SLOT_SET | (flags & WIRE_FLAGS) << 16, who, site, 0)
                except RecursionError:
                    too_deep()
                except Exception as error:
                    self.failed(error)

        set_event_loop._loopwarden_original = original  # type: ignore[attr-defined]
        return set_event_loop
