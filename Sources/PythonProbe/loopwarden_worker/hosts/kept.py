"""The host that makes one loop for the life of the environment and never closes it."""

from __future__ import annotations

from .base import Host

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from typing import Any, Coroutine

    from loopwarden_probe.loops import Loops

    from ..handlers import Handler


class KeptHost(Host):
    """An `async def` handler runs on the one loop; a `def` handler finds it as the current one, not running.

    What a handler leaves there stands still until the next invocation runs the loop again.
    """

    name = "kept"
    keeps_loop = True

    def __init__(self, loop_kind: str, loops: Loops, traits: dict[str, Any] | None = None) -> None:
        super().__init__(loop_kind, loops, traits)
        self._loop: AbstractEventLoop | None = None

    def prepare(self) -> None:
        super().prepare()
        self._loop = self.make_current_loop()  # now, in the init phase, rather than in the first invocation

    def open(self, handler: Handler) -> None:
        if handler.lifespan is not None:
            self._run(handler.lifespan.start(is_environments=True))

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        loop = self._loop
        assert loop is not None
        self.claim(loop)
        try:
            return loop.run_until_complete(work)
        finally:
            self.claim(None)

    def call(self, handler: Handler, event: Any, context: Any) -> Any:
        loop = self._loop
        assert loop is not None
        if not handler.is_async:
            return handler.function(event, context)
        self.claim(loop)
        return loop.run_until_complete(handler.function(event, context))

    def tidy(self) -> None:
        self.claim(None)  # what is done to the loop from now on is not this host's doing
