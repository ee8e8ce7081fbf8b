"""The host that an asynchronous web framework is: one running loop, and threads for what is not asynchronous."""

from __future__ import annotations

from .running import RunningHost

TYPE_CHECKING = False
if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor
    from typing import Any

    from ..handlers import Handler


class ServerHost(RunningHost):
    """Awaits an `async def` handler on the running loop; calls a `def` one in a thread, where there is none."""

    name = "server"
    _pool: ThreadPoolExecutor | None = None

    async def _answer(self, handler: Handler, event: Any, context: Any) -> Any:
        if handler.is_async:
            return await handler.function(event, context)
        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor

            self._pool = ThreadPoolExecutor(1, "handler")
        assert self._loop is not None
        return await self._loop.run_in_executor(self._pool, handler.function, event, context)
