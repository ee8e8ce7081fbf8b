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

    One is put there when there is none at the end of the import. Without the trait `makesLoop`, as before Mangum 0.21,
    it is left to get_event_loop() to make one, as long as it does. A `def` handler is one that asks Mangum in turn: it
    finds that loop, not running.
    """

    name = "mangum"
    keeps_loop = True

    def prepare(self) -> None:
        super().prepare()
        import asyncio

        self._asyncio = asyncio
        if self.loop_kind == "uvloop":
            self.make_current_loop()  # its get_event_loop() makes none

    def load(self, load: Callable[[], Handler]) -> Handler:
        handler = load()
        if self.traits.get("makesLoop", True):
            try:
                self._current()
            except RuntimeError:
                self.make_current_loop()
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
