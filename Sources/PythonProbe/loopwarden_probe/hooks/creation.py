"""Sees every loop as it is made."""

from __future__ import annotations

import functools

from .base import Hook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SELECTOR_LOOP_DESCRIPTORS = 3  # epoll and a socket pair; measured
UVLOOP_DESCRIPTORS = 5


class CreationHook(Hook):
    name = "creation"

    def attach_asyncio(self, asyncio: Any) -> None:
        self.patches.replace(asyncio.base_events.BaseEventLoop, "__init__", self._wrapper(SELECTOR_LOOP_DESCRIPTORS))
        self.probe.sites.run_code = getattr(asyncio.runners.run, "__code__", None)

    def attach_uvloop(self, uvloop: Any) -> None:
        # uvloop.Loop is a Python subclass of the Cython loop: it takes attributes, its base does not.
        self.patches.replace(uvloop.Loop, "__init__", self._wrapper(UVLOOP_DESCRIPTORS))

    def _wrapper(self, descriptors: int) -> Any:
        created, locate = self.loops.created, self.probe.sites.locate_creation

        def make(original: Any) -> Any:
            @functools.wraps(original)
            def __init__(loop: Any, *args: Any, **kwargs: Any) -> None:
                original(loop, *args, **kwargs)
                if self.is_on:
                    try:
                        if self.known(id(loop)) is None:  # else `__init__` was called twice
                            site, flags = locate(1)
                            created(loop, descriptors, site, flags)
                    except RecursionError:
                        pass
                    except Exception as error:
                        self.failed(error)

            return __init__

        return make
