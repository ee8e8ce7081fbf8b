"""Sees every loop as it is made."""

from __future__ import annotations

import functools
from threading import get_ident

from .base import Hook, parameters_of, too_deep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SELECTOR_LOOP_DESCRIPTORS = 3  # epoll and a socket pair; measured
UVLOOP_DESCRIPTORS = 5


class CreationHook(Hook):
    name = "creation"

    def attach_asyncio(self, asyncio: Any) -> None:
        base = asyncio.base_events.BaseEventLoop
        wrap = self._wrap if len(parameters_of(base.__init__)) == 1 else self._wrap_with_arguments
        self.patches.replace(base, "__init__", functools.partial(wrap, SELECTOR_LOOP_DESCRIPTORS))
        run_code = getattr(asyncio.runners.run, "__code__", None)  # none when another tool has wrapped it in C
        if run_code is not None:
            self.probe.sites.run_codes.add(run_code)

    def attach_uvloop(self, uvloop: Any) -> None:
        # uvloop.Loop is a Python subclass of the Cython loop: it takes attributes, its base does not.
        wrap = functools.partial(self._wrap_with_arguments, UVLOOP_DESCRIPTORS)
        self.patches.replace(uvloop.Loop, "__init__", wrap)

    # `locate_creation` is told how far above it the caller of `__init__` is.

    def _wrap(self, descriptors: int, original: Any) -> Any:
        known, created, locate = self.known, self.loops.created, self.probe.sites.locate_creation
        journal, owner, owner_ident = self.journal, self.journal.owner, self.journal.owner_ident

        @functools.wraps(original)
        def __init__(loop: Any) -> None:
            original(loop)
            try:
                if self.is_on and known(id(loop)) is None:  # else `__init__` was called twice
                    ident = get_ident()
                    thread = owner if ident == owner_ident else journal.thread()
                    created(loop, descriptors, locate(1), thread, ident)
            except RecursionError:
                too_deep()
            except Exception as error:
                self.failed(error)

        return __init__

    def _wrap_with_arguments(self, descriptors: int, original: Any) -> Any:
        known, created, locate = self.known, self.loops.created, self.probe.sites.locate_creation
        journal, owner, owner_ident = self.journal, self.journal.owner, self.journal.owner_ident

        @functools.wraps(original)
        def __init__(loop: Any, *args: Any, **kwargs: Any) -> None:
            original(loop, *args, **kwargs)
            try:
                if self.is_on and known(id(loop)) is None:
                    ident = get_ident()
                    thread = owner if ident == owner_ident else journal.thread()
                    created(loop, descriptors, locate(1), thread, ident)
            except RecursionError:
                too_deep()
            except Exception as error:
                self.failed(error)

        return __init__
