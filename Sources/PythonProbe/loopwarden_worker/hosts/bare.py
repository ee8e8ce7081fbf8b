"""The host that AWS Lambda is: no loop, and nobody who clears one away."""

from __future__ import annotations

from .base import Host

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..handlers import Handler


class BareHost(Host):
    """Never makes, sets, clears or closes a loop.

    An `async def` handler is run as the user would, by asyncio.run; AWS Lambda takes its coroutine for the result. What
    drives an app is no handler of the user's: on AWS Lambda, too, something stands between the two that runs it.
    """

    name = "bare"

    def call(self, handler: Handler, event: Any, context: Any) -> Any:
        if not handler.is_async:
            return handler.function(event, context)
        if handler.origin is handler.function and not self.traits.get("runsCoroutines", True):
            coroutine = handler.function(event, context)
            coroutine.close()  # what is wrong with it is told as the error; no warning need say it again
            return coroutine
        import asyncio

        return asyncio.run(handler.function(event, context))
