"""The host that an asynchronous web framework is: one running loop, and threads for what is not asynchronous."""

from __future__ import annotations

from .base import thread_name
from .running import RunningHost

TYPE_CHECKING = False
if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor
    from typing import Any

    from ..handlers import Handler


class ServerHost(RunningHost):
    """Awaits an `async def` handler on the running loop; calls a `def` one in a thread, where there is none.

    One thread for all invocations, as an idle pool would use again; with the trait `newThread`, one for each.
    """

    name = "server"
    _pool: ThreadPoolExecutor | None = None
    _threads = 0

    async def _answer(self, handler: Handler, event: Any, context: Any) -> Any:
        if handler.is_async:
            return await handler.function(event, context)
        import contextvars

        if self._pool is None:
            self._pool = self._new_pool()
        assert self._loop is not None
        call = contextvars.copy_context().run  # the frameworks take care that a thread keeps no context
        return await self._loop.run_in_executor(self._pool, call, handler.function, event, context)

    def _new_pool(self) -> ThreadPoolExecutor:
        import threading
        from concurrent.futures import ThreadPoolExecutor

        self._threads += 1
        name = thread_name(self.traits, self._threads, self.loop_kind + "_0")
        return ThreadPoolExecutor(1, "handler", lambda: setattr(threading.current_thread(), "name", name))

    def tidy(self) -> None:
        super().tidy()
        if self._pool is not None and self.traits.get("newThread"):
            self._pool.shutdown()
            self._pool = None
