"""The host in which a loop runs already when the handler is called: notebooks, Nuclio, an async web server."""

from __future__ import annotations

import os
import sys

from .base import import_uvloop
from .kept import KeptHost

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from typing import Any, Callable

    from ..channel import Channel
    from ..handlers import Handler


class RunningHost(KeptHost):
    """Calls a `def` handler inside the running loop, and awaits an `async def` one there.

    The loop is kept, and runs on between two invocations. The module is imported inside it as well, as notebooks,
    Azure Functions and `uvicorn module:app` do; with the trait `importsFirst`, before there is a loop.
    """

    name = "running"
    goes_on = True

    def prepare(self) -> None:
        if not self.traits.get("importsFirst"):
            super().prepare()
        elif self.loop_kind == "uvloop":
            import_uvloop()  # now, for its absence to be told of as such

    def load(self, load: Callable[[], Handler]) -> Handler:
        if self.traits.get("importsFirst"):
            handler = load()
            super().prepare()
            return handler

        async def inside() -> Handler:
            return load()

        loaded: Handler = self._run(inside())
        return loaded

    def close(self, handler: Handler) -> None:
        if handler.lifespan is not None and handler.lifespan.is_open:
            self._run(handler.lifespan.stop())

    def wait(self, channel: Channel) -> None:
        loop = self._loop
        if loop is None or channel.has_more or not _has_work(loop):
            return
        self.claim(loop)
        try:
            arrival = loop.create_future()
            loop.add_reader(channel.descriptor, _arrived, arrival)
            try:
                loop.run_until_complete(arrival)
            finally:
                loop.remove_reader(channel.descriptor)
                os.set_blocking(channel.descriptor, True)  # uvloop has made it otherwise
        except (RuntimeError, OSError):
            pass  # closed, stopped or broken by the handler: then it does not run on
        finally:
            self.claim(None)

    def call(self, handler: Handler, event: Any, context: Any) -> Any:
        loop = self._loop
        assert loop is not None
        self.claim(loop)
        return loop.run_until_complete(self._answer(handler, event, context))

    async def _answer(self, handler: Handler, event: Any, context: Any) -> Any:
        result = handler.function(event, context)
        return await result if handler.is_async else result


def _arrived(arrival: Any) -> None:
    if not arrival.done():
        arrival.set_result(None)


def _has_work(loop: AbstractEventLoop) -> bool:
    """Whether there may be something to do before the next invocation, which running the loop costs 50 µs to see."""
    asyncio = sys.modules["asyncio"]
    threading = sys.modules.get("threading")
    return bool(
        getattr(loop, "_ready", True)  # uvloop hides what it has
        or getattr(loop, "_scheduled", True)
        or asyncio.all_tasks(loop)
        or (threading is not None and threading.active_count() > 1)
    )
