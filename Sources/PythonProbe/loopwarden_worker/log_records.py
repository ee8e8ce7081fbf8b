"""What `logging` writes, as AWS Lambda's Python runtime has it: one handler on the root logger, in text or in JSON.

Imported when the handler has imported `logging`, which takes 10 ms that others need not pay.
"""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback

from .request_log import RequestLog

_TEXT = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n"
_TEXT_TIME = "%Y-%m-%dT%H:%M:%S"
_JSON_TIME = "%Y-%m-%dT%H:%M:%SZ"
# What a record always holds, beside what `extra` has put there.
_OWN_FIELDS = frozenset(
    vars(logging.LogRecord("", 0, "", 0, "", (), None)).keys() | {"aws_request_id", "tenant_id", "message"}
) - {"taskName"}
_encode = json.JSONEncoder(ensure_ascii=False, default=str).encode


def set_up(log: RequestLog) -> None:
    """Gives the root logger its handler, so that basicConfig() does nothing afterwards, as on AWS Lambda."""
    logging.Formatter.converter = time.gmtime
    handler = _Handler()
    handler.addFilter(_Filter(log))
    handler.setFormatter(_JSONFormatter() if log.is_json else logging.Formatter(_TEXT, _TEXT_TIME))
    root = logging.getLogger()
    if log.level in logging._nameToLevel:
        root.setLevel(log.level)
    root.addHandler(handler)


class _Handler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        # Whatever stands there now; and an error of the formatting is the handler's, as on AWS Lambda.
        sys.stdout.write(self.format(record))
        sys.stdout.flush()


class _Filter(logging.Filter):
    """Says which request a record belongs to."""

    def __init__(self, log: RequestLog) -> None:
        super().__init__()
        self._log = log

    def filter(self, record: logging.LogRecord) -> bool:
        record.aws_request_id = self._log.request_id
        record.tenant_id = self._log.tenant_id
        return True


class _JSONFormatter(logging.Formatter):
    """One object a line."""

    def format(self, record: logging.LogRecord) -> str:
        level = min(logging.CRITICAL, max(logging.NOTSET, record.levelno)) // 10 * 10
        is_object = isinstance(record.msg, dict) and not record.args
        members = {
            "timestamp": self.formatTime(record, _JSON_TIME),
            "level": logging.getLevelName(level),
            "message": record.msg if is_object else record.getMessage(),
            "logger": record.name,
        }
        error = record.exc_info
        if error:
            members["stackTrace"] = traceback.format_tb(error[2])
            # Where there is no exception this raises, as it does there.
            members["errorType"] = error[0].__name__  # type: ignore[union-attr]
            members["errorMessage"] = str(error[1])
        members["requestId"] = getattr(record, "aws_request_id", None)
        if error:
            members["location"] = "{}:{}:{}".format(record.pathname, record.funcName, record.lineno)
        members["tenantId"] = getattr(record, "tenant_id", None)
        for name, value in vars(record).items():
            if name not in _OWN_FIELDS and name not in members:
                members[name] = value
        return _encode({name: value for name, value in members.items() if value is not None}) + "\n"
