"""Why an app has answered with 500: frameworks catch what a view raises, log it, and answer for it."""

from __future__ import annotations

import contextlib
import functools
import http
import sys

from ..faults import NO_REQUEST, SERVER_ERROR, Fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Iterator

    from .http_events import Request

_LEAST = 500  # of the statuses that say that it is the server's fault
_ERROR = 40  # logging.ERROR
_MOST_SHOWN = 200  # characters of a response's body
_MISSED = (404, 405)  # there is no such page, or it takes no GET: says nothing about the app where nobody asked for it
_TRACEBACK = "Traceback (most recent call last):\n"
_EXAMPLE = """--event '{"path": "/items"}'"""


class LoggedErrors:
    """Remembers, while a request is under way, the exception that was logged last."""

    def __init__(self) -> None:
        self._is_attached = self._is_watching = False
        self._error: BaseException | None = None
        self._text: list[str] = []

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Looks at what is logged for the time of the block."""
        logging = sys.modules.get("logging")
        if logging is not None and not self._is_attached:
            self._is_attached = True
            self._attach(logging)
        self._is_watching = True
        try:
            yield
        finally:
            self._is_watching = False
            self._error = None  # it holds frames, and they hold loops
            self._text = []

    # -- a stream of errors, as WSGI has it ---------------------------------------------------------------------------

    def write(self, text: str) -> None:
        self._text.append(text)
        sys.stderr.write(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        sys.stderr.flush()

    # -- what has come of it ------------------------------------------------------------------------------------------

    def check(self, request: Request, status: int, body: bytes, is_routed: bool = True) -> None:
        """Looks at how a request was answered.

        :param is_routed: whether the app may have something at the path, as far as its framework tells.
        :raises Exception: what was logged, where the server has failed; else a Fault that says how it has answered.
        """
        if status in _MISSED and (not request.event or not is_routed):
            text = "{} {} was answered with {}: the app has nothing there. Name a request that it answers, as in {}"
            raise Fault(NO_REQUEST, text.format(request.method, request.path, _spoken(status), _EXAMPLE))
        if status < _LEAST:
            return
        if isinstance(self._error, Exception):
            raise self._error
        fault = _written("".join(self._text))
        if fault is not None:
            raise fault
        message = "{} {} was answered with {}".format(request.method, request.path, _spoken(status))
        text = body.decode("utf-8", "replace").strip()
        if text and not message.endswith(text) and not text.startswith("<"):
            message += ": " + (text if len(text) <= _MOST_SHOWN else text[:_MOST_SHOWN] + "…")
        raise Fault(SERVER_ERROR, message)

    def _attach(self, logging: Any) -> None:
        original = logging.Logger.handle

        @functools.wraps(original)
        def handle(logger: Any, record: Any) -> Any:
            if self._is_watching and record.levelno >= _ERROR and record.exc_info:
                self._error = record.exc_info[1]
            return original(logger, record)

        logging.Logger.handle = handle


def _written(text: str) -> Fault | None:
    """The exception whose traceback somebody has written."""
    _, found, text = text.rpartition(_TRACEBACK)
    lines = text.splitlines()
    end = next((index for index, line in enumerate(lines) if line[:1].strip()), None)
    if not found or end is None:
        return None
    name, _, message = lines[end].partition(": ")
    return Fault(name.rpartition(".")[2], message, [line + "\n" for line in lines[:end] if line.strip()])


def _spoken(status: int) -> str:
    """`404 Not Found`."""
    try:
        return "{} {}".format(status, http.HTTPStatus(status).phrase)
    except ValueError:
        return str(status)
