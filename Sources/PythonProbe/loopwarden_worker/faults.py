"""Errors as AWS Lambda's Python runtime reports them: types, texts and trimmed stacks."""

from __future__ import annotations

import json
import os
import sys
from time import gmtime, strftime  # as they are now: see clocks.py

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Sequence

UNMARSHAL_ERROR = "Runtime.UnmarshalError"
MARSHAL_ERROR = "Runtime.MarshalError"
CONTEXT_UNMARSHAL_ERROR = "Runtime.LambdaContextUnmarshalError"
USER_CODE_SYNTAX_ERROR = "Runtime.UserCodeSyntaxError"
HANDLER_NOT_FOUND = "Runtime.HandlerNotFound"
IMPORT_MODULE_ERROR = "Runtime.ImportModuleError"
BUILT_IN_MODULE_CONFLICT = "Runtime.BuiltInModuleConflict"
MALFORMED_HANDLER_NAME = "Runtime.MalformedHandlerName"
UNSUPPORTED_EVENT = "Runtime.UnsupportedEvent"  # ours: what is no HTTP request, for an app
BROKEN_PROTOCOL = "Runtime.BrokenProtocol"  # ours: an app does what no server of ASGI or WSGI accepts
NO_REQUEST = "App.NoRequest"  # ours: the empty event asks for "/", and an app need not have that
SERVER_ERROR = "App.ServerError"  # ours: an app answers with a status of 5xx, and nobody knows why
UNSUPPORTED_HANDLER = "Runtime.UnsupportedHandler"  # ours: Lambda fails such handlers only at their first result
UNREADABLE_NOTEBOOK = "Runtime.UnreadableNotebook"  # ours
MISSING_PYTEST = "Runtime.MissingPytest"  # ours
NO_TESTS = "Runtime.NoTests"  # ours
BROKEN_SUITE = "Runtime.BrokenSuite"  # ours: tests cannot be collected

#: Whether errors are printed as Python prints them, rather than as AWS Lambda's log has them.
tells_plainly = False

_NO_BREAK_SPACE = "\u00a0"
_OUR_FOLDERS = tuple(
    os.path.join(folder, "")
    for folder in (
        os.path.dirname(os.path.abspath(__file__)),
        os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "loopwarden_probe"),
    )
)
_BOOTSTRAP = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "bootstrap.py")
_MACHINERY = tuple(os.path.join(os.path.dirname(os.__file__), name, "") for name in ("asyncio", "concurrent"))


class Fault(Exception):
    """An error that the runtime itself reports, with its wire type."""

    #: Whether somebody has printed it already.
    is_told = False

    def __init__(self, kind: str, message: str, trace: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.trace = list(trace)


def report(error: BaseException, request_id: str) -> bytes:
    """The error document for `error`, which is also written to the handler's output, as Lambda does.

    Never raises for what an exception class of the user's does in `__str__`.
    """
    if isinstance(error, Fault):
        document = _document(error.message, error.kind, request_id, error.trace)
    else:
        document = _document(_text(error), type(error).__name__, request_id, user_trace(error.__traceback__))
    if not (isinstance(error, Fault) and error.is_told):
        try:
            sys.stdout.write((_plain(error) if tells_plainly else _log_line(document)) + "\n")
            sys.stdout.flush()
        except Exception:
            pass  # the handler may have closed or replaced it, or it cannot take these characters
    return json.dumps(document).encode("ascii")


def user_trace(traceback: TracebackType | None) -> list[str]:
    """The stack as Lambda prints it, without the host's frames on top of the user's, and the probe's among them."""
    import traceback as formatting  # not before it is needed: 3 ms of a cold start

    # (file, line, function, text) as in awslambdaric: the whole summaries would add 3.11's ^^^^ lines.
    frames = [
        (frame.filename, frame.lineno or 0, frame.name, frame.line)
        for frame in formatting.extract_tb(first_user(traceback))
        if not is_ours(frame.filename)
    ]
    return formatting.format_list(frames)


def is_ours(file: str) -> bool:
    """Whether a file is the host's or the probe's."""
    return file == _BOOTSTRAP or file.startswith(_OUR_FOLDERS)


def first_user(traceback: TracebackType | None) -> TracebackType | None:
    """`traceback` from the first frame that is not the host's, nor asyncio's between the host and the user."""
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if not is_ours(file) and not _is_loop_machinery(file):
            return traceback
        traceback = traceback.tb_next
    return None


def print_error(error: BaseException) -> None:
    """Prints an exception that ends the process the way the interpreter does, without the host's frames."""
    import traceback as formatting

    try:
        formatting.print_exception(type(error), error, first_user(error.__traceback__))
    except Exception:
        pass  # the handler's stderr may be closed, or anything


def exit_status(error: BaseException) -> int:
    """The exit status with which Python would end for `error`; prints what Python would print."""
    if not isinstance(error, SystemExit):
        print_error(error)
        return 1
    code = error.code
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    try:
        sys.stderr.write("{}\n".format(code))
    except Exception:
        pass
    return 1


def _document(message: str, kind: str, request_id: str, trace: Sequence[str]) -> dict[str, Any]:
    return {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": list(trace)}


def _log_line(document: dict[str, Any]) -> str:
    """An error as one line of a log: carriage returns between its lines, and spaces that no log viewer takes away."""
    if os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON":
        now = strftime("%Y-%m-%dT%H:%M:%SZ", gmtime())
        return json.dumps(dict({"timestamp": now, "level": "ERROR"}, **document))
    message = document["errorMessage"]
    lines = ["[ERROR] {}{}".format(document["errorType"], ": " + message if message else "")]
    lines.append("Traceback (most recent call last):")
    for line in "".join(document["stackTrace"]).splitlines():
        text = line.lstrip(" ")
        lines.append(_NO_BREAK_SPACE * (len(line) - len(text)) + text)
    return "\r".join(lines)


def _plain(error: BaseException) -> str:
    from . import plain

    return plain.text(error)


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return "<{} whose text cannot be had>".format(type(error).__name__)


def _is_loop_machinery(file: str) -> bool:
    return file.startswith(_MACHINERY) or os.path.basename(os.path.dirname(file)) == "uvloop"
