"""Sees asynchronous generators and the default executor being shut down."""

from __future__ import annotations

import functools
import inspect
from threading import get_ident

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
        shut_down = self._observer(facts.ASYNCGENS_SHUTDOWN)

        @functools.wraps(original)
        def shutdown_asyncgens(loop: Any) -> Any:
            coroutine = original(loop)
            shut_down(loop)
            return coroutine

        return self._marked(shutdown_asyncgens)

    def _wrap_executor(self, original: Any) -> Any:
        shut_down = self._observer(facts.EXECUTOR_SHUTDOWN)

        @functools.wraps(original)
        def shutdown_default_executor(loop: Any, *args: Any, **kwargs: Any) -> Any:
            coroutine = original(loop, *args, **kwargs)
            shut_down(loop)
            return coroutine

        return self._marked(shutdown_default_executor)

    def _observer(self, kind: int) -> Any:
        thread, owner, owner_ident = self.journal.thread, self.journal.owner, self.journal.owner_ident
        write, known = self.journal.write, self.known

        def shut_down(loop: Any) -> None:
            if not self.is_on:
                return
            try:
                scope = (owner if get_ident() == owner_ident else thread()).scope
                if scope is not None and scope.is_winding_down and scope() is loop:
                    write(kind | scope.bits, scope.who, scope.site, 0)  # asyncio.run's own doing, whose site is known
                    return
                record = known(id(loop))
                if record is not None:
                    site, flags = self.locate(2)
                    write(kind | (flags & WIRE_FLAGS) << 16, record.who, site, 0)
            except RecursionError:
                too_deep()
            except Exception as error:
                self.failed(error)

        return shut_down

    def _marked(self, function: Any) -> Any:
        """Keeps asyncio.iscoroutinefunction's answer."""
        if hasattr(inspect, "markcoroutinefunction"):  # from 3.12 on
            return inspect.markcoroutinefunction(function)
        function._is_coroutine = self._marker
        return function
