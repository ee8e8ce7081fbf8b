"""Sees asynchronous generators and the default executor being shut down."""

from __future__ import annotations

import functools
import inspect

from .. import facts
from ..sites import WIRE_FLAGS
from .base import Hook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class ShutdownHook(Hook):
    name = "shutdown"

    def attach_asyncio(self, asyncio: Any) -> None:
        self._marker = getattr(asyncio.coroutines, "_is_coroutine", None)
        self._attach(asyncio.base_events.BaseEventLoop)

    def attach_uvloop(self, uvloop: Any) -> None:
        self._attach(uvloop.Loop)

    def _attach(self, cls: type) -> None:
        self.patches.replace(cls, "shutdown_asyncgens", self._wrapper(facts.ASYNCGENS_SHUTDOWN))
        if hasattr(cls, "shutdown_default_executor"):  # from 3.9 on
            self.patches.replace(cls, "shutdown_default_executor", self._wrapper(facts.EXECUTOR_SHUTDOWN))

    def _wrapper(self, kind: int) -> Any:
        event, locate = self.journal.event, self.locate

        def make(original: Any) -> Any:
            # Not an `async def`: its frame would stand between the original's warnings and the line they blame.
            @functools.wraps(original)
            def wrapper(loop: Any, *args: Any, **kwargs: Any) -> Any:
                coroutine = original(loop, *args, **kwargs)
                if self.is_on:
                    try:
                        record = self.known(id(loop))
                        if record is not None:
                            site, flags = locate(1)
                            event(kind, flags & WIRE_FLAGS, record.serial, site)
                    except RecursionError:
                        pass
                    except Exception as error:
                        self.failed(error)
                return coroutine

            if hasattr(inspect, "markcoroutinefunction"):  # from 3.12 on
                return inspect.markcoroutinefunction(wrapper)
            wrapper._is_coroutine = self._marker  # type: ignore[attr-defined]
            return wrapper

        return make
