"""`loopwarden check` of web apps: FastAPI, Starlette, Flask and Django, as their users have them; clean and broken.

What needs a package is skipped on interpreters without it, and the skips are told.
"""

import json
import unittest

import harness

#: Each with a lifespan, middlewares, `async def` and `def` routes, background work, or what else is usual and right.
FASTAPI = """
import asyncio
import contextlib

from fastapi import BackgroundTasks, Depends, FastAPI
from fastapi.responses import StreamingResponse


async def beat():
    while True:
        await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def lifespan(app):
    heart = asyncio.create_task(beat())
    yield {"lock": asyncio.Lock(), "audited": []}
    heart.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await heart


app = FastAPI(lifespan=lifespan)


async def session():
    await asyncio.sleep(0)
    yield "session"
    await asyncio.sleep(0)


@app.get("/")
async def root(tasks: BackgroundTasks, session: str = Depends(session)):
    tasks.add_task(asyncio.sleep, 0.001)
    await asyncio.gather(asyncio.sleep(0.001), asyncio.to_thread(len, "ab") if hasattr(asyncio, "to_thread") else
                         asyncio.sleep(0))
    return {"session": session}


@app.get("/plain")
def plain():
    return asyncio.run(asyncio.sleep(0, "a loop of its own"))


@app.get("/stream")
async def stream():
    async def parts():
        for index in range(3):
            await asyncio.sleep(0.001)
            yield str(index)

    return StreamingResponse(parts())
"""
STARLETTE = """
import anyio
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route


class Timing(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        response = await call_next(request)
        response.headers["x-timing"] = "1"
        return response


async def anything(request):
    body = await request.body()
    async with anyio.create_task_group() as group:
        group.start_soon(anyio.sleep, 0.001)
    return JSONResponse({"length": len(body)}, background=BackgroundTask(anyio.sleep, 0.001))


def plain(request):
    return PlainTextResponse("from a thread")


methods = ["GET", "POST"]
app = Starlette(
    routes=[Route("/plain", plain), Route("/{path:path}", anything, methods=methods)],
    middleware=[Middleware(Timing)],
)
"""
FLASK = """
import asyncio

from flask import Flask, jsonify, request

app = Flask(__name__)


@app.route("/", defaults={"path": ""}, methods=["GET", "POST"])
@app.route("/<path:path>", methods=["GET", "POST"])
def anything(path):
    return jsonify(path=path, length=len(request.get_data()))


@app.route("/loop")
def loop():
    return asyncio.run(asyncio.sleep(0, "a loop of its own"))
"""
DJANGO = """
import asyncio

import django
from django.conf import settings
from django.http import JsonResponse
from django.urls import path

settings.configure(
    SECRET_KEY="secret",
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["*"],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
)


def plain(request):
    return JsonResponse({"method": request.method})


async def asynchronous(request):
    await asyncio.sleep(0.001)
    return JsonResponse({"path": request.path})


def fails(request):
    return JsonResponse({"loop": asyncio.get_event_loop().run_until_complete(asyncio.sleep(0))})


urlpatterns = [path("", plain), path("async", asynchronous), path("fails", fails)]
django.setup()

from django.core.asgi import get_asgi_application  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402

application = get_wsgi_application()
asgi = get_asgi_application()
"""
#: What is to be driven: package, source, target, request.
CLEAN = {
    "fastapi": ("fastapi", FASTAPI, "main.py", "/"),
    "fastapi-def": ("fastapi", FASTAPI, "main.py", "/plain"),
    "fastapi-stream": ("fastapi", FASTAPI, "main.py", "/stream"),
    "starlette": ("starlette", STARLETTE, "main.py", "/a"),
    "starlette-def": ("starlette", STARLETTE, "main.py", "/plain"),
    "flask": ("flask", FLASK, "main.py", "/"),
    "flask-run": ("flask", FLASK, "main.py", "/loop"),
    "django": ("django", DJANGO, "main.py", "/"),
    "django-async-view": ("django", DJANGO, "main.py", "/async"),
    "django-asgi": ("django", DJANGO, "main.py:asgi", "/"),
    "django-asgi-async-view": ("django", DJANGO, "main.py:asgi", "/async"),
}
#: Those with code of their own, and who is found among users; all six engines on the newest interpreter.
FEW_HOSTS = "server,per-invocation"
HOSTS = "per-invocation,bare,kept,running,server,thread,mangum-0.22"

LOCK_AT_IMPORT = """
import asyncio

from fastapi import FastAPI

app = FastAPI()
lock = asyncio.Lock()


@app.get("/")
async def root():
    async def hold():
        async with lock:
            await asyncio.sleep(0.001)

    await asyncio.gather(hold(), hold())
    return {}
"""
CLIENT_AT_IMPORT = """
import asyncio

from fastapi import FastAPI

app = FastAPI()


class Client:
    writer = None

    async def ask(self):
        if self.writer is None:
            async def answer(reader, writer):
                while await reader.read(1):
                    writer.write(b"x")

            self.server = await asyncio.start_server(answer, "127.0.0.1", 0)
            self.reader, self.writer = await asyncio.open_connection(*self.server.sockets[0].getsockname())
        self.writer.write(b"?")
        return await asyncio.wait_for(self.reader.read(1), 1)


client = Client()


@app.get("/")
async def root():
    return (await client.ask()).decode()
"""


class AppTests(harness.CheckTestCase):
    maxDiff = None
    patience = 10 * harness.PATIENCE
    file = "main.py"

    def newest(self, package):
        """The newest interpreter with a package."""
        for python in reversed(harness.pythons()):
            if python.has(package):
                return python.path
        self.skipTest("no CPython here has {}".format(package))

    def warm(self, python, *arguments):
        """A check in the plainest life; its report."""
        done = self.check(*arguments, "--python", python, "--schedule", "warm", "--json")
        self.assertEqual(done.stderr, "")
        return done.returncode, json.loads(done.stdout)

    def assertClean(self, answer):
        status, report = answer
        self.assertEqual(report["findings"], [])
        outcomes = {(each["outcome"], each["errorMessage"]) for run in report["runs"] for each in run["invocations"]}
        self.assertEqual((outcomes, status), ({("ok", None)}, 0))

    def test_what_frameworks_users_have_is_clean_in_every_life(self):
        for name in ("fastapi", "starlette", "flask", "django-asgi-async-view"):
            with self.subTest(name):
                package, source, target, path = CLEAN[name]
                python = self.newest(package)
                self.write(source)
                done = self.check(target, "--python", python, "--event", json.dumps({"path": path}))
                self.assertIn("Clean: nothing found", done.stdout)
                self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_each_form_of_events_reaches_the_app(self):
        for package, source in (("starlette", STARLETTE), ("flask", FLASK)):
            python = self.newest(package)
            self.write(source)
            for sample in ("apigw", "http-api", "lambda-url", "alb"):
                with self.subTest(package, sample=sample):
                    self.assertClean(self.warm(python, "main.py", "--event-source", sample))
            status, report = self.warm(python, "main.py", "--event-source", "websocket")
            self.assertIn("WebSockets are not supported", report["runs"][0]["invocations"][0]["errorMessage"])
            self.assertEqual(status, 2)

    def test_what_is_bound_to_the_first_loop_is_found_where_loops_come_and_go(self):
        python = self.newest("fastapi")
        for source, rule, line in (
            (LOCK_AT_IMPORT, "wrong-loop-object", "async with lock:"),
            (CLIENT_AT_IMPORT, "closed-loop-reuse", "return await asyncio.wait_for(self.reader.read(1), 1)"),
        ):
            lines = [text.strip() for text in source.splitlines()]
            with self.subTest(rule):
                self.write(source)
                self.assertClean(self.warm(python, "main.py", "--host", "uvicorn,server,kept"))
                status, report = self.warm(python, "main.py", "--host", "mangum-0.20")
                # Up to 3.9 a lock is bound to a loop when it is made: that fails cold, too.
                self.assertIn(status, (1, 2))
                found = {finding["rule"]: finding for finding in report["findings"]}
                # What of a connection meets the old loop first, its reader or its transport, is up to the interpreter.
                self.assertTrue({rule, "wrong-loop-object"} & found.keys(), found)
                if source is LOCK_AT_IMPORT:
                    site = found[rule]["site"]
                    self.assertEqual((site["file"], site["line"]), ("main.py", lines.index(line) + 1))
                self.assertEqual({each["site"]["file"] for each in report["findings"]}, {"main.py"})

    def test_what_a_framework_catches_is_an_error_with_the_users_line(self):
        python = self.newest("flask")
        self.write(FLASK.replace("asyncio.run(", "asyncio.get_event_loop().run_until_complete("))
        done = self.check("main.py", "--python", python, "--event", '{"path": "/loop"}')
        self.assertEqual(done.returncode, 2)
        self.assertIn("RuntimeError: There is no current event loop in thread", done.stdout)
        self.assertIn("no-current-loop (LW102)", done.stdout)
        self.assertIn("get_event_loop().run_until_complete(", done.stdout)
        self.assertNotIn("loopwarden_worker", done.stdout)
        python = self.newest("django")
        self.write(DJANGO)
        for target in ("main.py", "main.py:asgi"):
            with self.subTest(target):
                status, report = self.warm(python, target, "--event", '{"path": "/fails"}')
                invocation = report["runs"][0]["invocations"][0]
                self.assertEqual((status, invocation["errorType"]), (2, "RuntimeError"))
                self.assertEqual([each["rule"] for each in report["findings"]], ["no-current-loop"])

    def test_an_exception_of_starlettes_is_told_with_the_line_that_raised_it(self):
        python = self.newest("starlette")
        self.write(STARLETTE.replace("len(body)", "1 / len(body)"))
        done = self.check("main.py", "--python", python)
        self.assertEqual(done.returncode, 2)
        self.assertIn("cold: ZeroDivisionError: division by zero", done.stdout)
        self.assertIn('return JSONResponse({"length": 1 / len(body)}', done.stdout)
        self.assertNotIn("loopwarden_worker", done.stdout)

    def test_the_way_to_a_line_goes_through_no_code_of_ours(self):
        python = self.newest("fastapi")
        self.write(
            FASTAPI.replace("    return asyncio.run(", "    raise KeyError(").replace(
                "    tasks.add_task(", "    import time\n\n    time.sleep(0.5)\n    tasks.add_task("
            )
        )
        status, report = self.warm(python, "main.py")
        self.assertEqual(status, 1)
        (finding,) = report["findings"]
        self.assertEqual((finding["rule"], finding["site"]["file"]), ("blocking-call", "main.py"))
        self.assertNotIn("loopwarden", json.dumps([each["file"] for each in finding["related"]]))

    def test_what_runs_a_loop_at_import_fails_where_uvicorn_imports_it_and_not_with_others(self):
        python = self.newest("fastapi")
        self.write(FASTAPI + "\n\nasync def connect():\n    return 1\n\n\ndatabase = asyncio.run(connect())\n")
        self.assertClean(self.warm(python, "main.py", "--host", "hypercorn,mangum-0.20"))
        for host in ("server", "uvicorn"):
            status, report = self.warm(python, "main.py", "--host", host)
            self.assertEqual(status, 2)
            (finding,) = report["findings"]
            self.assertEqual((finding["rule"], finding["site"]["function"]), ("nested-run", "<module>"))

    def test_a_lifespan_that_fails_is_an_error_of_the_start(self):
        python = self.newest("fastapi")
        self.write(FASTAPI.replace("    heart = ", '    raise ConnectionError("no database")\n    heart = '))
        for host in ("server", "per-invocation"):
            status, report = self.warm(python, "main.py", "--host", host)
            invocation = report["runs"][0]["invocations"][0]
            self.assertEqual((status, invocation["errorType"]), (2, "ConnectionError"))
            self.assertEqual(invocation["errorMessage"], "no database")

    def test_where_an_app_is_looked_for(self):
        python = self.newest("flask")
        plain = "from flask import Flask\n\nNAME = Flask(__name__)\n\n\n@NAME.get('/')\ndef root():\n    return 'x'\n"
        factory = "from flask import Flask\n\n\ndef create_app():\n    app = Flask(__name__)\n    app.add_url_rule(\n"
        factory += "        '/', view_func=lambda: 'x'\n    )\n    return app\n"
        self.write(plain.replace("NAME", "app"), "there.py")
        for text, target in (
            (plain.replace("NAME", "app"), "main.py"),
            (plain.replace("NAME", "application"), "main.py"),
            (plain.replace("NAME", "website"), "main.py"),
            (plain.replace("NAME", "website"), "main.py:website"),
            ("from there import app\n", "main.py"),
            (factory, "main.py"),
            (factory, "main.py:create_app()"),
        ):
            with self.subTest(text=text, target=target):
                self.write(text)
                self.assertClean(self.warm(python, target))
        # In a package, from where its own imports work.
        self.write("", "api/__init__.py")
        self.write(plain.replace("NAME", "site"), "api/site.py")
        self.assertClean(self.warm(python, self.write("from .site import site as app\n", "api/main.py")))

    def test_what_is_no_app_or_has_nothing_there_is_told(self):
        python = harness.pythons()[-1].path
        for text, part in (
            ("app = 7\n", "'main.app' is neither an ASGI nor a WSGI app: it is an object of the type int"),
            ("def app(a):\n    pass\n", "it is a function of (a)"),
            ("import no_such_framework\n\napp = no_such_framework.App()\n", "No module named 'no_such_framework'"),
        ):
            with self.subTest(text=text):
                self.write(text)
                done = self.check("main.py", "--python", python)
                self.assertEqual(done.returncode, 2, done.stdout)
                self.assertIn(part, done.stdout)
        self.write("server = 7\n")
        done = self.check("main.py")
        self.assertEqual(done.returncode, 66)
        self.assertIn('neither "handler" nor "lambda_handler", nor an "app"; it defines server', done.stderr)
        self.write(FASTAPI.replace('@app.get("/")', '@app.get("/items")'))
        for arguments in ((), ("--event-source", "http-api")):
            status, report = self.warm(self.newest("fastapi"), "main.py", *arguments)
            invocation = report["runs"][0]["invocations"][0]
            self.assertEqual((status, invocation["errorType"]), (2, "App.NoRequest"))
        status, report = self.warm(self.newest("fastapi"), "main.py", "--event", '{"path": "/items"}')
        self.assertEqual(status, 0)


def _matrix_test(python, is_newest):
    def test(self):
        skipped = set()
        for name, (package, source, target, path) in CLEAN.items():
            with self.subTest(name):
                if not python.has(package):
                    skipped.add(package)
                    continue
                self.write(source)
                loops = "asyncio,uvloop" if python.has_uvloop else "asyncio"
                hosts = HOSTS if is_newest else FEW_HOSTS
                event = json.dumps({"path": path})
                arguments = ["--host", hosts, "--loop", loops, "--start", "fork"]
                self.assertClean(self.warm(python.path, target, *arguments, "--event", event))
        if skipped:
            self.skipTest("CPython {} has no {}".format(python.version, ", ".join(sorted(skipped))))

    return test


_pythons = harness.pythons()
for _python in _pythons:
    _name = "test_clean_apps_are_clean_on_cpython_" + _python.version.replace(".", "_")
    setattr(AppTests, _name, _matrix_test(_python, _python is _pythons[-1]))


if __name__ == "__main__":
    unittest.main()
