"""Sees asynchronous generators and the default executor being shut down."""

from __future__ import annotations

import functools
import inspect

from .. import facts
from ..sites import WIRE_FLAGS
from .base import Hook, too_deep

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
        self.patches.replace(cls, "shutdown_asyncgens", self._wrap_asyncgens)
        if hasattr(cls, "shutdown_default_executor"):  # from 3.9 on
            self.patches.replace(cls, "shutdown_default_executor", self._wrap_executor)

    # The wrappers are no `async def`: their frames would stand between the originals' warnings and the line they blame.

    def _wrap_asyncgens(self, original: Any) -> Any:
        shut_down = self._shut_down

        @functools.wraps(original)
        def shutdown_asyncgens(loop: Any) -> Any:
            coroutine = original(loop)
            shut_down(loop, facts.ASYNCGENS_SHUTDOWN)
            return coroutine

        return self._marked(shutdown_asyncgens)

    def _wrap_executor(self, original: Any) -> Any:
        shut_down = self._shut_down

        @functools.wraps(original)
        def shutdown_default_executor(loop: Any, *args: Any, **kwargs: Any) -> Any:
            coroutine = original(loop, *args, **kwargs)
            shut_down(loop, facts.EXECUTOR_SHUTDOWN)
            return coroutine

        return self._marked(shutdown_default_executor)

    def _shut_down(self, loop: Any, kind: int) -> None:
        if self.is_on:
            try:
                record = self.loops.winding_down(loop)
                if record is not None:  # asyncio.run's own doing, whose site is known
                    self.journal.write(kind | record.bits, record.who, record.site, 0)
                    return
                record = self.known(id(loop))
                if record is not None:
                    site, flags = self.locate(2)
                    self.journal.write(kind | (flags & WIRE_FLAGS) << 16, record.who, site, 0)
            except RecursionError:
                too_deep()
            except Exception as error:
                self.failed(error)

    def _marked(self, function: Any) -> Any:
        """Keeps asyncio.iscoroutinefunction's answer."""
        if hasattr(inspect, "markcoroutinefunction"):  # from 3.12 on
            return inspect.markcoroutinefunction(function)
        function._is_coroutine = self._marker
        return function
