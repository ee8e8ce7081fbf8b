"""AWS Lambda's own runtime client; what it asks for invocations is a stand-in here, in the parent process.

It calls an `async def` handler like any other, and cannot make an answer of the coroutine. So that is wrapped in what
people write instead, asyncio.run.
"""

import asyncio
import http.server
import importlib
import json
import os
import sys
import types

import driving


def serve(body, listener):
    address = "{}:{}".format(*listener.getsockname())
    listener.close()
    body.load()

    def handler(event, context):
        return asyncio.run(body.await_()) if body.is_async else body.call()

    sys.modules["user"] = module = types.ModuleType("user")
    module.handler = handler
    os.environ.update(AWS_LAMBDA_RUNTIME_API=address, _HANDLER="user.handler")
    client = importlib.import_module("awslambdaric.__main__")  # reads the variables now
    client.main(["bootstrap", "user.handler"])


class Api(http.server.BaseHTTPRequestHandler):
    """The Runtime API, as far as it is needed: /next is answered with an event, /response takes what came of it."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one segment: else each answer takes 40 ms
    outcomes = []

    def do_GET(self):
        number = len(self.outcomes)
        if number == driving.INVOCATIONS:
            self.close_connection = True
            return
        if number:
            driving.body.pause()
        self.answer(
            200,
            {
                "Lambda-Runtime-Aws-Request-Id": "request-{}".format(number),
                "Lambda-Runtime-Deadline-Ms": "9999999999999",
                "Lambda-Runtime-Invoked-Function-Arn": "arn",
                "Content-Type": "application/json",
            },
        )

    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"]))
        if not self.path.endswith("/response"):
            raise RuntimeError("{}: {}".format(self.path, text.decode()))
        self.outcomes.append(json.loads(text))
        self.answer(202, {})

    def answer(self, status, headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


def talk(body, listener):
    listener.settimeout(driving.PATIENCE_SECONDS)
    Api.outcomes.clear()
    while len(Api.outcomes) < driving.INVOCATIONS:
        connection, address = listener.accept()
        connection.settimeout(driving.PATIENCE_SECONDS)
        with connection:
            Api(connection, address, None)
    return list(Api.outcomes)


driving.talk_to_each(serve, talk)
