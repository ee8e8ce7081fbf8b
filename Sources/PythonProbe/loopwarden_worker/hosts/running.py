"""The host in which a loop runs already when the handler is called: notebooks, Nuclio, an async web framework."""

from __future__ import annotations

from .kept import KeptHost

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..handlers import Handler


class RunningHost(KeptHost):
    """Calls a `def` handler inside the running loop, and awaits an `async def` one there. The loop is kept."""

    name = "running"

    def call(self, handler: Handler, event: Any, context: Any) -> Any:
        loop = self._loop
        assert loop is not None
        self.claim(loop)
        return loop.run_until_complete(self._answer(handler, event, context))

    async def _answer(self, handler: Handler, event: Any, context: Any) -> Any:
        result = handler.function(event, context)
        return await result if handler.is_async else result
