"""The host that calls the handler in a thread without a loop, as WSGI servers do."""

from __future__ import annotations

import threading

from .bare import BareHost
from .base import thread_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from loopwarden_probe.loops import Loops

    from ..handlers import Handler


class ThreadHost(BareHost):
    """One thread for all invocations, as an idle pool would use again; with the trait `newThread`, one for each.

    An `async def` handler is run by asyncio.run there.
    """

    name = "thread"

    def __init__(self, loop_kind: str, loops: Loops, traits: dict[str, Any] | None = None) -> None:
        super().__init__(loop_kind, loops, traits)
        self._begin, self._end = threading.Semaphore(0), threading.Semaphore(0)
        self._work: Callable[[], Any] | None = None
        self._result: Any = None
        self._error: BaseException | None = None
        self._thread: threading.Thread | None = None
        self._threads = 0

    def call(self, handler: Handler, event: Any, context: Any) -> Any:
        call = super().call
        return self.inside(lambda: call(handler, event, context))

    def inside(self, look: Callable[[], Any]) -> Any:
        if self._thread is None:
            self._threads += 1
            name = thread_name(self.traits, self._threads, "handler")
            self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
            self._thread.start()
        self._work = look
        self._begin.release()
        self._end.acquire()
        result, error, self._result, self._error = self._result, self._error, None, None
        if error is not None:
            raise error
        return result

    def tidy(self) -> None:
        if self.traits.get("newThread") and self._thread is not None:
            thread, self._thread, self._work = self._thread, None, None
            self._begin.release()
            thread.join()

    def _serve(self) -> None:
        while True:
            self._begin.acquire()
            if self._work is None:
                return
            try:
                self._result = self._work()
            except BaseException as error:
                self._error = error
            self._work = int  # keeps nothing of the handler's alive
            self._end.release()
