"""The host that gives each invocation a fresh loop, and leaves nothing of it to the next."""

from __future__ import annotations

from loopwarden_probe.tasks import are_tasks_there

from .base import Host

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from typing import Any

    from loopwarden_probe.loops import Loops

    from ..handlers import Handler


class PerInvocationHost(Host):
    """An `async def` handler runs on the fresh loop; a `def` handler finds it as the current one, not running."""

    name = "per-invocation"

    def __init__(self, loop_kind: str, loops: Loops, traits: dict[str, Any] | None = None) -> None:
        super().__init__(loop_kind, loops, traits)
        self._loop: AbstractEventLoop | None = None
        self._broken: list[AbstractEventLoop] = []

    def prepare(self) -> None:
        import asyncio  # now, in the init phase, rather than in the first invocation

        super().prepare()
        self._asyncio = asyncio
        self._are_tasks_there = are_tasks_there(asyncio)
        # The host's own: a handler may put something else into the module.
        self._new_event_loop = asyncio.new_event_loop
        self._set_event_loop = asyncio.set_event_loop

    def call(self, handler: Handler, event: Any, context: Any) -> Any:
        self._loop = loop = self._new_event_loop()
        self.claim(loop)
        self._set_event_loop(loop)
        if handler.is_async:
            return loop.run_until_complete(handler.function(event, context))
        self.claim(None)  # from here on it is the handler who does things to loops
        return handler.function(event, context)

    def tidy(self) -> None:
        loop, self._loop = self._loop, None
        if loop is None:
            return
        self.claim(loop, is_winding_down=True)
        try:
            if not loop.is_closed() and self._has_loose_ends(loop):
                loop.run_until_complete(self._wind_down(loop))
        except (RuntimeError, OSError):
            pass  # stopped meanwhile, or still running in a thread of the handler's
        finally:
            self._set_event_loop(None)
            try:
                loop.close()
            except RuntimeError:
                pass  # running: it stays open, and the probe reports it as it does the handler's own
            except OSError:
                self._broken.append(loop)  # its descriptors are gone; collected, it would complain in the user's output
            self.claim(None)

    def _has_loose_ends(self, loop: AbstractEventLoop) -> bool:
        """Whether there is anything to wind down. uvloop hides what it has, so there is."""
        return bool(
            getattr(loop, "_asyncgens", True)
            or getattr(loop, "_default_executor", True) is not None
            or (self._are_tasks_there() and self._asyncio.all_tasks(loop))  # the question alone takes a tenth
        )

    async def _wind_down(self, loop: AbstractEventLoop) -> None:
        # In one run of the loop, where asyncio.run takes three: each costs some 8 µs.
        asyncio = self._asyncio
        this = asyncio.current_task()
        tasks = [task for task in asyncio.all_tasks() if task is not this]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.gather(*tasks, return_exceptions=True)
        await loop.shutdown_asyncgens()
        if hasattr(loop, "shutdown_default_executor"):  # from 3.9 on
            await loop.shutdown_default_executor()
