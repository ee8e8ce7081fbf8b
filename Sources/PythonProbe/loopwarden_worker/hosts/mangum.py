"""Mangum before 0.20 and since 0.21: what is the current loop runs the application, and nobody closes it."""

from __future__ import annotations

import warnings

from .base import Host

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from typing import Any, Callable

    from ..handlers import Handler


class MangumHost(Host):
    """`kept`, but for whose loop it is: that of the main thread's slot, which a handler can change or clear.

    Since 0.21 one is put there when there is none yet at the end of the import; before, the first use makes it. A `def`
    handler is one that asks Mangum in turn: it finds that loop, not running.
    """

    name = "mangum"

    def prepare(self) -> None:
        super().prepare()
        import asyncio

        self._asyncio = asyncio

    def load(self, load: Callable[[], Handler]) -> Handler:
        handler = load()
        if self.traits.get("makesLoop"):
            try:
                self._current()
            except RuntimeError:
                self._asyncio.set_event_loop(self._asyncio.new_event_loop())
        elif not handler.is_async:
            # What Mangum itself would have done in the first invocation. Where it cannot, neither can the handler.
            try:
                self._current()
            except RuntimeError:
                pass
        return handler

    def call(self, handler: Handler, event: Any, context: Any) -> Any:
        if not handler.is_async:
            return handler.function(event, context)
        loop = self._current()
        self.claim(loop)
        return loop.run_until_complete(handler.function(event, context))

    def _current(self) -> AbstractEventLoop:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # from 3.12 on, when it is made now
            return self._asyncio.get_event_loop()

    def tidy(self) -> None:
        self.claim(None)
