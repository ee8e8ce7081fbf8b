"""Events that are HTTP requests: as AWS's gateways send them, or in a short form; and answers in the same form.

The short form is what a person writes: {"method": "GET", "path": "/x", "headers": {…}, "query": "a=1", "body": "…"}, of
which everything may be left out: {} is GET /.
"""

from __future__ import annotations

import base64
import binascii
import json
from urllib.parse import quote, unquote, unquote_to_bytes, urlencode

from ..faults import UNSUPPORTED_EVENT, Fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable

    Headers = list[tuple[bytes, bytes]]

# Who has sent an event, and wants an answer of that form.
SHORT = "short"
REST = "rest"  # API Gateway's REST APIs, and HTTP APIs with payload format 1.0
HTTP = "http"  # HTTP APIs with payload format 2.0, and Lambda function URLs
ALB = "alb"  # Application Load Balancer

_SHORT_KEYS = ("method", "path", "headers", "query", "body", "isBase64Encoded")
_KNOWN = (
    'API Gateway\'s (REST, HTTP), a function URL\'s, a load balancer\'s, or {"method": "GET", "path": "/", '
    '"headers": {}, "query": "", "body": ""}, of which all may be left out'
)
_PATH_CHARACTERS = "/%:@!$&'()*+,;=~"
_QUERY_CHARACTERS = "%+:@!$'()*,;/?~"
# What is answered as text where it is UTF-8; all else in base64.
_TEXT_TYPES = ("text/", "application/json", "application/javascript", "application/xml", "image/svg+xml")
_TEXT_SUFFIXES = ("+json", "+xml", "/x-www-form-urlencoded", "/x-ndjson", "/yaml")


class Request:
    """One HTTP request."""

    def __init__(self, form: str, event: dict[str, Any], method: Any, path: Any) -> None:
        self.form = form
        self.event = event
        self.method = str(method or "GET").upper()
        text = str(path or "/")
        text = text if text.startswith("/") else "/" + text
        self.path = unquote(text)
        self.path_bytes = unquote_to_bytes(text)
        self.raw_path = quote(text, safe=_PATH_CHARACTERS).encode("ascii")
        self.query = b""
        self.headers: Headers = []
        self.body = b""
        self.client = "127.0.0.1"
        self.http_version = "1.1"

    @property
    def is_from_aws(self) -> bool:
        return self.form != SHORT

    @property
    def scheme(self) -> str:
        return self.header(b"x-forwarded-proto") or ("https" if self.is_from_aws else "http")

    @property
    def server(self) -> tuple[str, int]:
        host, _, port = self.header(b"host").partition(":")
        port = port or self.header(b"x-forwarded-port")
        return host or "localhost", int(port) if port.isdigit() else 443 if self.scheme == "https" else 80

    def header(self, name: bytes) -> str:
        """The first header of that name, in lower case; empty: none."""
        return next((value.decode("latin-1") for key, value in self.headers if key == name), "")

    def add_headers(self, pairs: Iterable[tuple[str, Any]]) -> None:
        for name, value in pairs:
            self.headers.append((str(name).lower().encode("latin-1", "replace"), _encoded(str(value))))

    def complete(self) -> Request:
        """Adds the headers that no HTTP client leaves out."""
        if not self.header(b"host"):
            self.headers.insert(0, (b"host", b"localhost"))
        has_length = any(name in (b"content-length", b"transfer-encoding") for name, _ in self.headers)
        if self.body and not has_length:
            self.headers.append((b"content-length", str(len(self.body)).encode("ascii")))
        return self


def read(event: Any) -> Request:
    """The request that an event is.

    :raises Fault: when it is none; with the forms that are understood.
    """
    if not isinstance(event, dict):
        raise _unsupported("it is of the JSON type {}".format(_json_type(event)))
    context = event.get("requestContext")
    context = context if isinstance(context, dict) else {}
    try:
        if "connectionId" in context and "http" not in context:
            message = "The event is a WebSocket's. Apps are driven by HTTP requests: WebSockets are not supported."
            raise Fault(UNSUPPORTED_EVENT, message)
        if "elb" in context:
            return _from_gateway(ALB, event, context).complete()
        if isinstance(context.get("http"), dict):
            return _from_http_api(event, context, context["http"]).complete()
        if "httpMethod" in event:
            return _from_gateway(REST, event, context).complete()
        unknown = [key for key in event if key not in _SHORT_KEYS]
        if unknown:
            raise _unsupported("it has the key{} {}".format("s"[: len(unknown) - 1], ", ".join(map(repr, unknown[:8]))))
        return _from_short(event).complete()
    except (AttributeError, TypeError, ValueError) as error:
        raise _unsupported("it cannot be read: {}".format(error)) from None


def answer(request: Request, status: int, headers: Headers, body: bytes) -> dict[str, Any]:
    """A response as a function behind the gateway that has sent `request` would answer."""
    names: dict[str, list[str]] = {}
    for name, value in headers:
        names.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    if request.method == "HEAD":
        body = b""
    text, is_base64 = _body_text(body, names)
    result: dict[str, Any] = {"statusCode": status}
    if request.form in (SHORT, HTTP):
        cookies = names.pop("set-cookie", None)
        result["headers"] = {name: ", ".join(values) for name, values in names.items()}
        if cookies:
            result["cookies"] = cookies
    else:
        # A load balancer wants the one or the other; API Gateway takes both.
        has_many = bool(request.event.get("multiValueHeaders"))
        if request.form == REST or not has_many:
            result["headers"] = {name: values[-1] for name, values in names.items()}
        if request.form == REST or has_many:
            result["multiValueHeaders"] = names
    result["body"] = text
    result["isBase64Encoded"] = is_base64
    return result


# -- forms ------------------------------------------------------------------------------------------------------------


def _from_short(event: dict[str, Any]) -> Request:
    path, _, query = str(event.get("path") or "/").partition("?")
    request = Request(SHORT, event, event.get("method"), path)
    request.add_headers(_flat(event.get("headers")))
    given = event.get("query") or query
    request.query = (given if isinstance(given, str) else urlencode(given, doseq=True)).lstrip("?").encode("utf-8")
    body = event.get("body")
    if body is not None and not isinstance(body, str):
        body = json.dumps(body)
        if not request.header(b"content-type"):
            request.add_headers([("content-type", "application/json")])
    request.body = _body_bytes(body, event)
    return request


def _from_gateway(form: str, event: dict[str, Any], context: dict[str, Any]) -> Request:
    request = Request(form, event, event.get("httpMethod"), event.get("path"))
    many = dict(_flat(event.get("multiValueHeaders"), lists=True))
    for name, value in _flat(event.get("headers")):
        many.setdefault(name, [value])
    request.add_headers((name, value) for name, values in many.items() for value in values)
    parameters = event.get("multiValueQueryStringParameters") or event.get("queryStringParameters") or {}
    if form == ALB:  # which hands them on as they came, still encoded
        pairs = [(name, value) for name, values in parameters.items() for value in _listed(values)]
        text = "&".join("{}={}".format(name, value) for name, value in pairs)
        request.query = quote(text, safe=_QUERY_CHARACTERS + "&=").encode("ascii")
        request.client = request.header(b"x-forwarded-for").partition(",")[0].strip() or request.client
    else:
        request.query = urlencode(parameters, doseq=True).encode("ascii")
        request.client = (context.get("identity") or {}).get("sourceIp") or request.client
    request.http_version = _version(context.get("protocol"))
    request.body = _body_bytes(event.get("body"), event)
    return request


def _from_http_api(event: dict[str, Any], context: dict[str, Any], http: dict[str, Any]) -> Request:
    request = Request(HTTP, event, http.get("method"), event.get("rawPath") or http.get("path"))
    request.add_headers(_flat(event.get("headers")))
    if event.get("cookies"):
        request.headers = [pair for pair in request.headers if pair[0] != b"cookie"]
        request.add_headers([("cookie", "; ".join(event["cookies"]))])
    request.query = quote(event.get("rawQueryString") or "", safe=_QUERY_CHARACTERS + "&=").encode("ascii")
    request.client = http.get("sourceIp") or request.client
    request.http_version = _version(http.get("protocol"))
    request.body = _body_bytes(event.get("body"), event)
    return request


def _flat(headers: Any, lists: bool = False) -> Iterable[tuple[str, Any]]:
    for name, value in (headers or {}).items():
        if lists:
            yield name, _listed(value)
        else:
            for each in _listed(value):
                yield name, each


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _version(protocol: Any) -> str:
    """`1.1` of `HTTP/1.1`."""
    name, _, version = str(protocol or "").partition("/")
    return version if name == "HTTP" and version else "1.1"


# -- bodies -----------------------------------------------------------------------------------------------------------


def _body_bytes(body: Any, event: dict[str, Any]) -> bytes:
    if body is None:
        return b""
    if not isinstance(body, str):
        raise ValueError("its body is of the JSON type {}, not a string".format(_json_type(body)))
    if not event.get("isBase64Encoded"):
        return body.encode("utf-8")
    try:
        return base64.b64decode(body)
    except binascii.Error as error:
        raise ValueError("isBase64Encoded is true, but its body is no base64: {}".format(error)) from None


def _body_text(body: bytes, headers: dict[str, list[str]]) -> tuple[str, bool]:
    """The body as JSON can hold it, and whether that is base64."""
    kind = headers.get("content-type", ["text/plain"])[-1].partition(";")[0].strip().lower()
    if "content-encoding" not in headers and (kind.startswith(_TEXT_TYPES) or kind.endswith(_TEXT_SUFFIXES)):
        try:
            return body.decode("utf-8"), False
        except UnicodeDecodeError:
            pass
    return (base64.b64encode(body).decode("ascii"), True) if body else ("", False)


def _encoded(value: str) -> bytes:
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8")


def _json_type(value: Any) -> str:
    names = {type(None): "null", bool: "boolean", int: "number", float: "number", str: "string", list: "array"}
    return names.get(type(value), "object")


def _unsupported(what: str) -> Fault:
    text = "The event is no HTTP request: {}. Expected is an event of {}.".format(what, _KNOWN)
    return Fault(UNSUPPORTED_EVENT, text)
