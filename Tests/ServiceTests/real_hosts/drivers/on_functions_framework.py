"""Functions Framework with its own server for an ASGI application, or with REAL_HOST_SERVER=wsgi for a WSGI one."""

import os
import pathlib
import sys
import tempfile

import driving
import functions_framework.aio
from functions_framework import create_app
from functions_framework._http import create_server
from functions_framework._http.gunicorn import GunicornApplication, UvicornApplication
from uvicorn_worker import UvicornWorker

assert GunicornApplication and UvicornApplication
UvicornWorker.CONFIG_KWARGS = dict(UvicornWorker.CONFIG_KWARGS, loop=os.environ["REAL_HOST_LOOP"])
PLAIN = """import json
import driving
driving.body.load()
def function(request):
    return json.dumps(driving.body.call())
"""
COROUTINE = """import json
import driving
driving.body.load()
async def function(request):
    return json.dumps(await driving.body.await_())
"""


def serve(body, listener):
    source = pathlib.Path(tempfile.mkdtemp(prefix="lw-")) / "main.py"
    source.write_text(COROUTINE if body.is_async else PLAIN)
    is_wsgi = os.environ.get("REAL_HOST_SERVER") == "wsgi"
    make = create_app if is_wsgi else functions_framework.aio.create_asgi_app
    application = make("function", str(source), "http")
    os.unlink(source)
    sys.argv[1:] = []
    # Which of several idle threads takes a request is a matter of time.
    threads = {"worker_class": "gthread", "threads": 1} if is_wsgi else {}
    server = create_server(application, False, bind="fd://{}".format(listener.fileno()), **threads)
    server.run("127.0.0.1", 0)


driving.serve_each(serve)
