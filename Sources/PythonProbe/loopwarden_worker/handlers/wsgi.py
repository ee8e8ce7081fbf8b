"""WSGI apps: an event becomes an environ as PEP 3333 has it, and what the app returns becomes the answer."""

from __future__ import annotations

import io

from ..faults import BROKEN_PROTOCOL, Fault
from . import apps, http_events
from .base import Handler
from .logged_errors import LoggedErrors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable

    Application = Callable[[dict[str, Any], Any], Iterable[bytes]]

_WITHOUT_PREFIX = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


def load(name: str) -> Handler:
    """Imports the WSGI app `name`, or has it made, as in `main.create_app()`.

    :raises Fault: when there is none.
    """
    app = apps.found(name)
    interface = apps.interface_of(app)
    if interface != apps.WSGI and not (interface is None and callable(app) and apps.takes_any(app)):
        raise apps.refusal(name, app, "no WSGI app")
    return handler_of(app)


def handler_of(app: Any) -> Handler:
    """The handler that drives `app`."""
    return Handler(WsgiApp(app).answer, is_async=False, origin=app)


class WsgiApp:
    """An app that is called in the thread in which the host calls handlers."""

    def __init__(self, app: Application) -> None:
        self._app = app
        self._errors = LoggedErrors()

    def answer(self, event: Any, context: Any) -> Any:
        """Lets the app answer an event."""
        request = http_events.read(event)
        environ = dict(_environ(request, context), **{"wsgi.errors": self._errors})
        response = Response(environ)
        with self._errors.watching():
            chunks = self._app(environ, response.start)
            try:
                for chunk in chunks:
                    response.write(chunk)
            finally:
                close = getattr(chunks, "close", None)
                if close is not None:
                    close()
            response.check()
            self._errors.check(request, response.status, response.body, response.is_routed)
        return http_events.answer(request, response.status, response.headers, response.body)


class Response:
    """What the app has answered so far."""

    def __init__(self, environ: dict[str, Any]) -> None:
        self.status = 0
        self.is_routed = True  # whether the app may have something at the path, as far as its framework tells
        self._environ = environ
        self.headers: list[tuple[bytes, bytes]] = []
        self._parts: list[bytes] = []

    @property
    def body(self) -> bytes:
        return b"".join(self._parts)

    def start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        """The start_response that the app gets."""
        if exc_info:
            try:
                if any(self._parts):
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None
        elif self.status:
            raise _broken("start_response() was called a second time, without exc_info.")
        number = status[:3] if isinstance(status, str) else ""
        if not number.isdigit():
            raise _broken("start_response() was called with the status {!r}; expected is such as '200 OK'.", status)
        self.status = int(number)
        # Flask has its request there, until it has answered.
        self.is_routed = getattr(self._environ.get("werkzeug.request"), "url_rule", self) is not None
        self.headers = [_header(name, value) for name, value in headers]
        return self.write

    def write(self, chunk: bytes) -> None:
        if not isinstance(chunk, bytes):
            raise _broken("The response's body must be bytes, not {}.", type(chunk).__name__)
        if chunk and not self.status:
            raise _broken("The WSGI app has returned a body without calling start_response().")
        self._parts.append(chunk)

    def check(self) -> None:
        """The app has returned all it has.

        :raises Fault: when it has not answered.
        """
        if not self.status:
            raise _broken("The WSGI app returned without calling start_response().")


def _environ(request: http_events.Request, context: Any) -> dict[str, Any]:
    server, port = request.server
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        # PEP 3333: text of which each character is a byte.
        "PATH_INFO": request.path_bytes.decode("latin-1"),
        "QUERY_STRING": request.query.decode("latin-1"),
        "SERVER_NAME": server,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": "HTTP/" + request.http_version,
        "REMOTE_ADDR": request.client,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": request.scheme,
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in request.headers:
        lower, text = name.decode("latin-1"), value.decode("latin-1")
        if "_" in lower:
            continue  # servers leave it out: it would pass for another header
        key = _WITHOUT_PREFIX.get(lower) or "HTTP_" + lower.upper().replace("-", "_")
        if key in environ:
            text = environ[key] + ("; " if key == "HTTP_COOKIE" else ",") + text
        environ[key] = text
    if request.is_from_aws:
        # As serverless-wsgi calls them.
        environ.update({"serverless.event": request.event, "serverless.context": context})
    return environ


def _header(name: Any, value: Any) -> tuple[bytes, bytes]:
    for part in (name, value):
        if not isinstance(part, str):
            raise _broken("The response's headers must be pairs of str, but {!r} is not.", part)
    return name.encode("latin-1"), value.encode("latin-1")


def _broken(text: str, *arguments: Any) -> Fault:
    return Fault(BROKEN_PROTOCOL, text.format(*arguments))
