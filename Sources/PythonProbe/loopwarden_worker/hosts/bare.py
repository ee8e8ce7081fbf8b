"""The host that AWS Lambda is: no loop, and nobody who clears one away."""

from __future__ import annotations

from .base import Host

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..handlers import Handler


class BareHost(Host):
    """Never makes, sets, clears or closes a loop; an `async def` handler is run as the user would, by asyncio.run."""

    name = "bare"

    def call(self, handler: Handler, event: Any, context: Any) -> Any:
        if not handler.is_async:
            return handler.function(event, context)
        import asyncio

        return asyncio.run(handler.function(event, context))
