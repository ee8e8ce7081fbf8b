"""Vercel's runtime with an ASGI application, or for a `def` with a WSGI one; what starts it is a stand-in here."""

import importlib
import json
import os
import pathlib
import socket
import sys
import tempfile

import driving

HEADERS = {"x-vercel-internal-" + key: "1" for key in ("invocation-id", "request-id", "span-id", "trace-id")}
path = os.path.join(tempfile.mkdtemp(prefix="lw-"), "ipc")
messages = socket.socket(socket.AF_UNIX)
messages.bind(path)
messages.listen()
messages.settimeout(driving.PATIENCE_SECONDS)


def serve(body, listener):
    listener.close()
    if os.environ["REAL_HOST_LOOP"] == "asyncio":
        sys.modules["uvloop"] = None  # its uvicorn takes it when it is there
    name = "asgi_app" if body.is_async else "wsgi_app"
    file = pathlib.Path(__file__).with_name(name + ".py")
    os.environ.update(
        VERCEL_IPC_PATH=path,
        __VC_HANDLER_ENTRYPOINT=file.name,
        __VC_HANDLER_ENTRYPOINT_ABS=str(file),
        __VC_HANDLER_MODULE_NAME=name,
        __VC_HANDLER_VARIABLE_NAME="app",
    )
    importlib.import_module("vercel_runtime.vc_init")


def talk(body, listener):
    connection, _ = messages.accept()
    with connection, connection.makefile() as file:
        connection.settimeout(driving.PATIENCE_SECONDS)
        text = ""
        while "server-started" not in text:
            text = ""
            while not text.endswith("\0"):
                text += file.read(1)
        port = json.loads(text[:-1])["payload"]["httpPort"]
        return driving.ask(("127.0.0.1", port), HEADERS)


driving.talk_to_each(serve, talk)
