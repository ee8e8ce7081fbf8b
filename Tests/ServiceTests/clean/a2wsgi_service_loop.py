# requires: a2wsgi
"""An ASGI application behind WSGI: a2wsgi keeps a loop in a thread of its own."""

import io
import sys

from a2wsgi import ASGIMiddleware


async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": scope["path"].encode()})


wsgi = ASGIMiddleware(app)


def handler(event, context):
    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/through/wsgi",
        "QUERY_STRING": "",
        "SERVER_NAME": "app",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
    }
    return b"".join(wsgi(environ, lambda status, headers, error=None: None)).decode()
