"""Sees asynchronous generators and the default executor being shut down."""

from __future__ import annotations

import functools

from .. import facts
from ..sites import WIRE_FLAGS
from .base import Hook, parameters_of, too_deep

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
        wrap = functools.partial(self._wrap, facts.ASYNCGENS_SHUTDOWN)
        self.patches.replace(cls, "shutdown_asyncgens", wrap)
        if hasattr(cls, "shutdown_default_executor"):  # from 3.9 on
            wrap = functools.partial(self._wrap, facts.EXECUTOR_SHUTDOWN)
            self.patches.replace(cls, "shutdown_default_executor", wrap)

    # The wrappers are no `async def`: their frames would stand between the originals' warnings and the line they blame.
    # And where it is known, they are as the originals are declared: * and ** cost as much as all the rest.

    def _wrap(self, kind: int, original: Any) -> Any:
        owner = self.journal.owner
        parameters = parameters_of(original)

        def tell(loop: Any) -> None:
            if not self.is_on:
                return
            try:
                scope = owner.scope
                if scope is not None and scope.is_winding_down and scope() is loop:
                    # asyncio.run's own doing, whose site is known.
                    owner.write(kind | scope.bits, scope.who, scope.site, 0)
                else:
                    self._shut_down(loop, kind)
            except RecursionError:
                too_deep()
            except Exception as error:
                self.failed(error)

        if parameters == ("self",):

            def shutdown(loop: Any) -> Any:
                coroutine = original(loop)
                tell(loop)
                return coroutine

        elif parameters == ("self", "timeout") and original.__defaults__:  # the executor's, from 3.12 on

            def shutdown(loop: Any, timeout: Any = original.__defaults__[0]) -> Any:  # type: ignore[misc]
                coroutine = original(loop, timeout)
                tell(loop)
                return coroutine

        else:

            def shutdown(loop: Any, *args: Any, **kwargs: Any) -> Any:  # type: ignore[misc]
                coroutine = original(loop, *args, **kwargs)
                tell(loop)
                return coroutine

        return self._marked(functools.wraps(original)(shutdown))

    def _shut_down(self, loop: Any, kind: int) -> None:
        record = self.known(id(loop))
        if record is not None:
            site, flags = self.locate(3)
            self.journal.write(kind | (flags & WIRE_FLAGS) << 16, record.who, site, 0)

    def _marked(self, function: Any) -> Any:
        """Keeps asyncio.iscoroutinefunction's answer."""
        import inspect  # asyncio has imported it; alone it takes 8 ms

        if hasattr(inspect, "markcoroutinefunction"):  # from 3.12 on
            return inspect.markcoroutinefunction(function)
        function._is_coroutine = self._marker
        return function
