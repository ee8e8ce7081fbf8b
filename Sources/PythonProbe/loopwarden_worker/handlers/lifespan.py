"""The lifespan of an ASGI app: what it does before its first request and after its last."""

from __future__ import annotations

import asyncio

from loopwarden_probe.hooks.leaving import KNOWN
from loopwarden_probe.tasks import MARK

from ..faults import BROKEN_PROTOCOL, Fault, print_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Awaitable, Callable

    Application = Callable[[Any, Any, Any], Awaitable[Any]]

_WAITING, _STARTED, _STOPPED, _FAILED = "waiting", "started", "stopped", "failed"
_AFTER = {
    "lifespan.startup.complete": (_WAITING, _STARTED),
    "lifespan.startup.failed": (_WAITING, _FAILED),
    "lifespan.shutdown.complete": (_STARTED, _STOPPED),
    "lifespan.shutdown.failed": (_STARTED, _FAILED),
}


class LifespanFailed(Exception):
    """The app says that it cannot start, or stop, and gives no other reason than a text."""


class Lifespan:
    """One lifespan of an app, on one loop; taken for unsupported when the app raises before it has said anything.

    That is what servers and Mangum do by default, and call "auto".
    """

    def __init__(self, app: Application) -> None:
        self._app = app
        self.state: dict[str, Any] = {}  # what requests get a copy of
        self.is_open = False  # from a start that has succeeded to the stop, also where the app knows no lifespan
        self._task: asyncio.Task[None] | None = None
        self._phase = _WAITING
        self._is_stopping = False
        self._message = ""
        self._error: BaseException | None = None
        self._asked: list[str] = []  # what is to be received
        self._wakeup: asyncio.Future[None] | None = None  # of the app, which waits for what is asked next
        self._is_idle = False  # the app waits for more, after it has stopped
        self._change: asyncio.Future[None] | None = None  # of who has asked

    async def start(self, is_environments: bool = False) -> None:
        """Starts the app, and returns when it is ready.

        :param is_environments: whether it is stopped with the environment only: then tasks that it has begun are not
            the invocations'.
        :raises BaseException: what the app has failed with.
        """
        self._task = asyncio.ensure_future(self._run())
        self._task.add_done_callback(self._changed)
        await self._ask("lifespan.startup", _WAITING)
        if self._phase == _FAILED:
            await self._fail("startup")
        self.is_open = True
        if is_environments:
            for task in asyncio.all_tasks():
                try:
                    setattr(task, MARK, KNOWN)
                except (AttributeError, TypeError):
                    pass  # of the user's own making

    async def stop(self) -> None:
        """Stops the app.

        :raises BaseException: what the app has failed with.
        """
        self.is_open = False
        if self._task is None or self._task.done():
            return  # it knows no lifespan, or has returned already
        self._is_stopping = True
        await self._ask("lifespan.shutdown", _STARTED)
        if self._phase == _FAILED or self._error is not None:
            await self._fail("shutdown")
        await self._settle()

    async def stop_quietly(self) -> None:
        """As `stop`, where there is no one to tell of a failure but the log."""
        try:
            await self.stop()
        except BaseException as error:
            print_error(error)

    async def _ask(self, kind: str, phase: str) -> None:
        """Lets the app receive a message, and waits until it is no longer in the phase in which it gets it."""
        self._asked.append(kind)
        _resolve(self._wakeup)
        while self._phase == phase and not self._is_over():
            await self._changing()

    async def _fail(self, what: str) -> None:
        """Raises what the app raises after it has said that it failed, else its words."""
        await self._settle()
        raise self._error or LifespanFailed(self._message or "The app's {} failed.".format(what))

    async def _settle(self) -> None:
        """Waits for what the app does after its last word."""
        while not self._is_over():
            await self._changing()

    def _is_over(self) -> bool:
        return self._is_idle or self._task is None or self._task.done()

    async def _changing(self) -> None:
        self._change = asyncio.get_running_loop().create_future()
        await self._change

    def _changed(self, _: object = None) -> None:
        _resolve(self._change)

    # -- the app's side -----------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self.state}
        try:
            await self._app(scope, self._receive, self._send)
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            if self._phase == _FAILED or self._is_stopping:
                self._error = error
            elif self._phase == _STARTED:
                print_error(error)  # it goes on without

    async def _receive(self) -> dict[str, Any]:
        while not self._asked:
            self._is_idle = self._phase in (_STOPPED, _FAILED)
            self._changed()
            self._wakeup = asyncio.get_running_loop().create_future()
            await self._wakeup
        return {"type": self._asked.pop(0)}

    async def _send(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        before, after = _AFTER.get(kind, ("", ""))
        if self._phase != before:
            raise Fault(BROKEN_PROTOCOL, "Unexpected ASGI message '{}' in the lifespan.".format(kind))
        self._phase = after
        self._message = message.get("message", "")
        self._changed()


def _resolve(future: asyncio.Future[None] | None) -> None:
    if future is not None and not future.done():
        future.set_result(None)
