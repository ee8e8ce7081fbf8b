"""The host that AWS Lambda is: no loop, and nobody who clears one away."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # not `signal`: its enums cost a millisecond of the cold start
import sys

from .base import Host

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..channel import Channel
    from ..handlers import Handler

_FIRST_POLLING = (3, 12)  # from then on AWS Lambda's runtime waits in a thread, and the main thread hears signals


class BareHost(Host):
    """Never makes, sets, clears or closes a loop.

    An `async def` handler is run as the user would, by asyncio.run; AWS Lambda takes its coroutine for the result. What
    drives an app is no handler of the user's: on AWS Lambda, too, something stands between the two that runs it.
    """

    name = "bare"
    _is_deaf = False

    def wait(self, channel: Channel) -> None:
        """Keeps SIGTERM from the user's own code while nothing runs, where AWS Lambda waits in a library.

        It comes when the next event does. Without a handler it ends the process at any time.
        """
        if self.traits.get("hearsSignals", True) or sys.version_info >= _FIRST_POLLING:
            return
        if callable(_signal.getsignal(_signal.SIGTERM)):
            _signal.pthread_sigmask(_signal.SIG_BLOCK, (_signal.SIGTERM,))
            self._is_deaf = True

    def call(self, handler: Handler, event: Any, context: Any) -> Any:
        if self._is_deaf:
            self._is_deaf = False
            _signal.pthread_sigmask(_signal.SIG_UNBLOCK, (_signal.SIGTERM,))
        if not handler.is_async:
            return handler.function(event, context)
        if handler.origin is handler.function and not self.traits.get("runsCoroutines", True):
            coroutine = handler.function(event, context)
            coroutine.close()  # what is wrong with it is told as the error; no warning need say it again
            return coroutine
        import asyncio

        return asyncio.run(handler.function(event, context))
