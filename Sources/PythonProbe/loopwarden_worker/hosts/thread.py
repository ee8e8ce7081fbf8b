"""The host that calls the handler in a thread without a loop, as Flask, Django and FastAPI do for `def` routes."""

from __future__ import annotations

import threading

from .bare import BareHost

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from loopwarden_probe.loops import Loops

    from ..handlers import Handler


class ThreadHost(BareHost):
    """One thread for all invocations, as a pool would use again; an `async def` handler is run by asyncio.run there."""

    name = "thread"

    def __init__(self, loop_kind: str, loops: Loops) -> None:
        super().__init__(loop_kind, loops)
        self._begin, self._end = threading.Semaphore(0), threading.Semaphore(0)
        self._work: Callable[[], Any] = int
        self._result: Any = None
        self._error: BaseException | None = None
        self._thread: threading.Thread | None = None

    def call(self, handler: Handler, event: Any, context: Any) -> Any:
        call = super().call
        return self.inside(lambda: call(handler, event, context))

    def inside(self, look: Callable[[], Any]) -> Any:
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="handler", daemon=True)
            self._thread.start()
        self._work = look
        self._begin.release()
        self._end.acquire()
        result, error, self._result, self._error = self._result, self._error, None, None
        if error is not None:
            raise error
        return result

    def _serve(self) -> None:
        while True:
            self._begin.acquire()
            try:
                self._result = self._work()
            except BaseException as error:
                self._error = error
            self._work = int  # keeps nothing of the handler's alive
            self._end.release()
