"""ASGI apps: an event becomes a request, and what the app sends becomes the answer.

The app is called as servers call it: it gets http.disconnect when its response is complete, and the invocation ends
when the app returns, which is after its background tasks.
"""

from __future__ import annotations

import asyncio

from ..faults import BROKEN_PROTOCOL, Fault, user_trace
from . import apps, http_events
from .base import Handler
from .lifespan import Lifespan
from .logged_errors import LoggedErrors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Awaitable

    from .lifespan import Application

_CHUNK = 1 << 16  # bytes of a body that a server hands on at once


def load(name: str) -> Handler:
    """Imports the ASGI app `name`, or has it made, as in `main.create_app()`.

    :raises Fault: when there is none.
    """
    app = apps.found(name)
    interface = apps.interface_of(app)
    is_wrong = not callable(app) or interface in (apps.WSGI, apps.LAMBDA)
    if is_wrong or (interface is None and not apps.takes_any(app)):
        raise apps.refusal(name, app, "no ASGI app")
    return handler_of(app, interface)


def handler_of(app: Any, interface: str | None) -> Handler:
    """The handler that drives `app`."""
    application = _single(app) if interface == apps.ASGI2 else app
    lifespan = Lifespan(application)
    return Handler(AsgiApp(application, lifespan).answer, is_async=True, origin=app, lifespan=lifespan)


def _single(app: Any) -> Application:
    """An app of ASGI 2, which is called twice, as one of ASGI 3."""

    def application(scope: Any, receive: Any, send: Any) -> Awaitable[Any]:
        made: Awaitable[Any] = app(scope)(receive, send)
        return made

    return application


class AsgiApp:
    """An app, and its lifespan where the host opens that for the whole environment."""

    def __init__(self, app: Application, lifespan: Lifespan) -> None:
        self._app = app
        self._lifespan = lifespan
        self._errors = LoggedErrors()

    async def answer(self, event: Any, context: Any) -> Any:
        """Lets the app answer an event; in a lifespan of its own where none is open, as Mangum does."""
        request = http_events.read(event)
        if self._lifespan.is_open:
            return await self._respond(request, context, self._lifespan.state)
        lifespan = Lifespan(self._app)
        await lifespan.start()
        try:
            result = await self._respond(request, context, lifespan.state)
        except BaseException:
            await lifespan.stop_quietly()
            raise
        await lifespan.stop()
        return result

    async def _respond(self, request: http_events.Request, context: Any, state: dict[str, Any]) -> Any:
        exchange = Exchange(request.body)
        scope = _scope(request, context, state)
        with self._errors.watching():
            try:
                result = await self._app(scope, exchange.receive, exchange.send)
            except (SystemExit, KeyboardInterrupt, asyncio.CancelledError) as error:
                if isinstance(error, asyncio.CancelledError) and _is_being_cancelled():
                    raise
                # Servers and Mangum survive it.
                raise Fault(type(error).__name__, str(error), user_trace(error.__traceback__)) from None
            finally:
                exchange.end()
            if result is not None:
                message = "The ASGI app should return None, but returned a value of the type {}."
                raise Fault(BROKEN_PROTOCOL, message.format(type(result).__name__))
            exchange.check()
            # Starlette's router leaves these there.
            is_routed = "router" not in scope or "endpoint" in scope
            self._errors.check(request, exchange.status, exchange.body, is_routed)
        return http_events.answer(request, exchange.status, exchange.headers, exchange.body)


class Exchange:
    """One request and its response, as the app sees them."""

    def __init__(self, body: bytes) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self._unread: bytes | None = body
        self._parts: list[bytes] = []
        self._has_started = self._is_complete = self._is_over = False
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def body(self) -> bytes:
        return b"".join(self._parts)

    async def receive(self) -> dict[str, Any]:
        if self._unread is not None and not self._is_over:
            chunk, rest = self._unread[:_CHUNK], self._unread[_CHUNK:]
            self._unread = rest or None
            return {"type": "http.request", "body": chunk, "more_body": bool(rest)}
        if not self._is_over:
            future = asyncio.get_running_loop().create_future()
            self._waiting.append(future)
            await future
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if self._is_complete:
            raise _broken("Unexpected ASGI message '{}' sent, after the response was complete.", kind)
        if not self._has_started:
            if kind != "http.response.start":
                raise _broken("Expected the ASGI message 'http.response.start', but got '{}'.", kind)
            self.status = int(message["status"])
            self.headers = [_header(name, value) for name, value in message.get("headers") or ()]
            self._has_started = True
            return
        if kind != "http.response.body":
            raise _broken("Expected the ASGI message 'http.response.body', but got '{}'.", kind)
        body = message.get("body", b"")
        if not isinstance(body, (bytes, bytearray, memoryview)):
            raise _broken("The body of 'http.response.body' must be bytes, not {}.", type(body).__name__)
        self._parts.append(bytes(body))
        if not message.get("more_body", False):
            self._is_complete = True
            self.end()

    def end(self) -> None:
        """From now on the client is gone."""
        self._is_over = True
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    def check(self) -> None:
        """The app has returned.

        :raises Fault: when it has not answered.
        """
        if not self._has_started:
            raise _broken("The ASGI app returned without starting a response.")
        if not self._is_complete:
            raise _broken("The ASGI app returned without completing its response.")


def _is_being_cancelled() -> bool:
    """Whether somebody cancels this task, as far as is known: before 3.11 the app may have raised the error itself."""
    cancelling = getattr(asyncio.current_task(), "cancelling", None)
    return cancelling is None or bool(cancelling())


def _scope(request: http_events.Request, context: Any, state: dict[str, Any]) -> dict[str, Any]:
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": request.http_version,
        "method": request.method,
        "scheme": request.scheme,
        "path": request.path,
        "raw_path": request.raw_path,
        "query_string": request.query,
        "root_path": "",
        "headers": list(request.headers),
        "client": (request.client, 0),
        "server": request.server,
        "state": state.copy(),
    }
    if request.is_from_aws:
        scope.update({"aws.event": request.event, "aws.context": context})
    return scope


def _header(name: Any, value: Any) -> tuple[bytes, bytes]:
    for part in (name, value):
        if not isinstance(part, (bytes, bytearray)):
            text = "The response's headers must be pairs of bytes, but {!r} is of the type {}.".format(
                part, type(part).__name__
            )
            raise Fault(BROKEN_PROTOCOL, text)
    return bytes(name), bytes(value)


def _broken(text: str, *arguments: str) -> Fault:
    return Fault(BROKEN_PROTOCOL, text.format(*arguments))
