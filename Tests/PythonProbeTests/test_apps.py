"""ASGI and WSGI apps in the worker: events to requests, responses to answers, lifespans, and what is refused."""

import base64
import json
import os
import shutil
import signal
import sys
import tempfile
import textwrap
import time
import unittest

from watching import SOURCES, needs_uvloop  # first: it makes the sources importable

from fake_daemon import INIT_ERROR, READY, FakeDaemon  # isort: skip
from fake_zygote import fork_workers, spawn_workers  # isort: skip
from loopwarden_worker.faults import Fault  # isort: skip
from loopwarden_worker.handlers import apps, http_events  # isort: skip

setUpModule, tearDownModule = fork_workers, spawn_workers

ONE_LOOP = ("kept", "running", "server")
HOSTS = ("per-invocation", "bare", "thread", "mangum") + ONE_LOOP

#: Answers with its scope, as far as JSON can hold it, and the request's body.
ECHO = """
    import json

    async def app(scope, receive, send):
        assert scope["type"] == "http"
        body, more = b"", True
        while more:
            message = await receive()
            body += message["body"]
            more = message["more_body"]
        scope = {key: value for key, value in scope.items() if not key.startswith("aws.")}
        text = json.dumps(dict(scope, body=body.decode("latin-1")), default=lambda value: value.decode("latin-1"))
        await send({"type": "http.response.start", "status": 200, "headers": [
            (b"content-type", b"application/json"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"), (b"x-y", b"z"),
        ]})
        await send({"type": "http.response.body", "body": text.encode()[:10], "more_body": True})
        await send({"type": "http.response.body", "body": text.encode()[10:]})
        assert (await receive())["type"] == "http.disconnect"
    """

#: Notes its life.
LIVES = """
    import asyncio, json

    log = []

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            loop = asyncio.get_running_loop()
            while True:
                message = await receive()
                assert asyncio.get_running_loop() is loop
                log.append(message["type"])
                scope["state"]["started"] = len(log)
                await send({"type": message["type"] + ".complete"})
                if message["type"] == "lifespan.shutdown":
                    return
        log.append(scope["state"]["started"])
        scope["state"]["started"] = "only in this request"
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps(log).encode()})
    """

WSGI_ECHO = """
    import json

    def application(environ, start_response):
        body = environ["wsgi.input"].read().decode("latin-1")
        shown = {key: value for key, value in environ.items() if isinstance(value, str)}
        start_response("200 OK", [("Content-Type", "application/json"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
        return [json.dumps(dict(shown, body=body)).encode()]
    """

#: What API Gateway's REST APIs send, shortened.
REST = {
    "resource": "/{proxy+}",
    "path": "/caf%C3%A9/a b",
    "httpMethod": "POST",
    "headers": {"Host": "api.example.com", "X-Forwarded-Proto": "https", "X-Forwarded-Port": "443", "X-Many": "2"},
    "multiValueHeaders": {"Host": ["api.example.com"], "X-Forwarded-Proto": ["https"], "X-Many": ["1", "2"]},
    "queryStringParameters": {"q": "b c"},
    "multiValueQueryStringParameters": {"q": ["a", "b c"]},
    "requestContext": {"identity": {"sourceIp": "192.0.2.1"}, "protocol": "HTTP/1.1", "stage": "prod"},
    "body": "aGVsbG8=",
    "isBase64Encoded": True,
}
#: What HTTP APIs and function URLs send.
HTTP = {
    "version": "2.0",
    "routeKey": "$default",
    "rawPath": "/items/7",
    "rawQueryString": "q=a&q=b%20c",
    "cookies": ["a=1", "b=2"],
    "headers": {"host": "abc.lambda-url.us-east-1.on.aws", "x-forwarded-proto": "https", "x-many": "1,2"},
    "requestContext": {
        "http": {"method": "PUT", "path": "/items/7", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.2"},
        "stage": "$default",
    },
    "body": '{"name": "ü"}',
    "isBase64Encoded": False,
}
#: What load balancers send.
ALB = {
    "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:region:0:targetgroup/a/b"}},
    "httpMethod": "GET",
    "path": "/",
    "queryStringParameters": {"q": "b%20c"},
    "headers": {"host": "lb.example.com", "x-forwarded-for": "192.0.2.3, 10.0.0.1", "x-forwarded-proto": "http"},
    "body": "",
    "isBase64Encoded": False,
}


class AppTestCase(unittest.TestCase):
    def daemon(self, source, handler="app.app", kind="app", **options):
        daemon = FakeDaemon(textwrap.dedent(source), handler=handler, kind=kind, **options)
        self.addCleanup(daemon.close)
        return daemon

    def ready(self, source, **options):
        daemon = self.daemon(source, **options)
        if daemon.start() != READY:
            self.fail(daemon.init_error)
        return daemon

    def refused(self, source, **options):
        daemon = self.daemon(source, **options)
        self.assertEqual(daemon.start(), INIT_ERROR)
        self.assertEqual(daemon.wait(), 1)
        return daemon.init_error

    def answer(self, daemon, event=None):
        """The app's answer, its body read as JSON."""
        reply = daemon.invoke({} if event is None else event)
        self.assertTrue(reply.ok, reply.value)
        value = reply.value
        body = base64.b64decode(value["body"]).decode() if value["isBase64Encoded"] else value["body"]
        return dict(value, body=json.loads(body))

    def error(self, daemon, event=None):
        reply = daemon.invoke({} if event is None else event)
        self.assertFalse(reply.ok, reply.payload)
        self.assertNotIn("loopwarden_worker", json.dumps(reply.value))
        return reply.value

    def observed(self, *groups):
        """The events that rules judge; the ordinary ones of loops and phases are none."""
        ordinary = (
            "phase-begun", "phase-ended", "loop-created", "slot-set", "run-begun", "run-ended", "loop-closed",
            "asyncgens-shutdown", "executor-shutdown",
        )  # fmt: skip
        return [event for group in groups for event in group if event["event"] not in ordinary]


class AsgiTests(AppTestCase):
    def test_every_host_lets_it_answer_cold_and_warm_and_nothing_is_observed(self):
        for host in HOSTS:
            with self.subTest(host):
                daemon = self.ready(ECHO, host=host)
                for _ in range(3):
                    reply = daemon.invoke({})
                    self.assertTrue(reply.ok, reply.value)
                    self.assertEqual(self.observed(reply.events), [])
                events, status = daemon.shut_down()
                self.assertEqual((self.observed(events), status), ([], 0))
                self.assertEqual((daemon.stdout, daemon.stderr), ("", ""))

    @needs_uvloop
    def test_on_uvloop(self):
        for host in HOSTS:
            with self.subTest(host):
                # Mangum before 0.21 needs a policy that makes loops, and uvloop's does not.
                daemon = self.ready(LIVES, host=host, loop="uvloop", hostTraits={"makesLoop": True})
                self.answer(daemon)
                self.assertIn(2, self.answer(daemon)["body"] + [2])
                self.assertEqual(daemon.shut_down()[1], 0)

    def test_the_short_form_and_what_may_be_left_out(self):
        daemon = self.ready(ECHO)
        answer = self.answer(daemon)
        scope = answer["body"]
        self.assertEqual((scope["method"], scope["path"], scope["raw_path"], scope["body"]), ("GET", "/", "/", ""))
        self.assertEqual((scope["scheme"], scope["server"], scope["http_version"]), ("http", ["localhost", 80], "1.1"))
        self.assertEqual(scope["headers"], [["host", "localhost"]])
        self.assertEqual(answer["headers"], {"content-type": "application/json", "x-y": "z"})
        self.assertEqual((answer["statusCode"], answer["cookies"]), (200, ["a=1", "b=2"]))
        scope = self.answer(daemon, {"method": "post", "path": "/a%20b?c=d", "headers": {"X-A": "1"}, "body": {"n": 1}})
        scope = scope["body"]
        self.assertEqual((scope["method"], scope["path"], scope["raw_path"]), ("POST", "/a b", "/a%20b"))
        self.assertEqual((scope["query_string"], scope["body"]), ("c=d", '{"n": 1}'))
        headers = dict(map(tuple, scope["headers"]))
        expected = {"host": "localhost", "x-a": "1", "content-type": "application/json", "content-length": "8"}
        self.assertEqual(headers, expected)
        scope = self.answer(daemon, {"query": {"a": ["1", "x y"]}})["body"]
        self.assertEqual(scope["query_string"], "a=1&a=x+y")

    def test_rest_api(self):
        answer = self.answer(self.ready(ECHO), REST)
        scope = answer["body"]
        self.assertEqual((scope["method"], scope["path"]), ("POST", "/café/a b"))
        self.assertEqual(scope["raw_path"], "/caf%C3%A9/a%20b")
        self.assertEqual(scope["query_string"], "q=a&q=b+c")
        self.assertEqual([value for name, value in scope["headers"] if name == "x-many"], ["1", "2"])
        self.assertEqual((scope["client"], scope["server"]), (["192.0.2.1", 0], ["api.example.com", 443]))
        self.assertEqual((scope["scheme"], scope["body"], scope["root_path"]), ("https", "hello", ""))
        self.assertEqual(answer["multiValueHeaders"]["set-cookie"], ["a=1", "b=2"])
        self.assertEqual(answer["headers"]["x-y"], "z")
        self.assertNotIn("cookies", answer)

    def test_http_api_and_function_url(self):
        answer = self.answer(self.ready(ECHO), HTTP)
        scope = answer["body"]
        self.assertEqual((scope["method"], scope["path"], scope["query_string"]), ("PUT", "/items/7", "q=a&q=b%20c"))
        self.assertIn(["cookie", "a=1; b=2"], scope["headers"])
        self.assertEqual((scope["client"][0], scope["scheme"]), ("192.0.2.2", "https"))
        self.assertEqual(scope["body"].encode("latin-1").decode(), HTTP["body"])
        self.assertEqual((answer["cookies"], answer["headers"]["x-y"]), (["a=1", "b=2"], "z"))
        self.assertNotIn("multiValueHeaders", answer)

    def test_load_balancer(self):
        daemon = self.ready(ECHO)
        answer = self.answer(daemon, ALB)
        scope = answer["body"]
        self.assertEqual((scope["query_string"], scope["client"][0]), ("q=b%20c", "192.0.2.3"))
        self.assertEqual((scope["scheme"], scope["server"]), ("http", ["lb.example.com", 80]))
        self.assertEqual((answer["headers"]["set-cookie"], "multiValueHeaders" in answer), ("b=2", False))
        event = dict(ALB, headers=None, multiValueHeaders={"host": ["lb.example.com"]}, queryStringParameters=None)
        answer = self.answer(daemon, dict(event, multiValueQueryStringParameters={"q": ["1", "2"]}))
        self.assertEqual((answer["body"]["query_string"], "headers" in answer), ("q=1&q=2", False))
        self.assertEqual(answer["multiValueHeaders"]["set-cookie"], ["a=1", "b=2"])

    def test_event_and_context_are_in_the_scope_where_they_are_lambdas(self):
        source = """
            async def app(scope, receive, send):
                assert scope["type"] == "http"
                assert scope["aws.event"]["rawPath"] == scope["path"]
                assert scope["aws.context"].aws_request_id
                await send({"type": "http.response.start", "status": 204})
                await send({"type": "http.response.body"})
            """
        daemon = self.ready(source)
        expected = {"statusCode": 204, "headers": {}, "body": "", "isBase64Encoded": False}
        self.assertEqual(daemon.invoke(HTTP).value, expected)
        self.assertEqual(self.error(daemon)["errorType"], "KeyError")

    def test_bodies_that_are_no_text_and_large_ones_both_ways(self):
        source = """
            async def app(scope, receive, send):
                assert scope["type"] == "http"
                await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"image/png")]})
                more, chunks = True, 0
                while more:
                    message = await receive()
                    more, chunks = message["more_body"], chunks + 1
                    await send({"type": "http.response.body", "body": message["body"], "more_body": more})
                assert chunks > 1
            """
        daemon = self.ready(source)
        body = os.urandom(3 << 20)
        event = {"method": "POST", "body": base64.b64encode(body).decode(), "isBase64Encoded": True}
        value = daemon.invoke(event).value
        self.assertTrue(value["isBase64Encoded"])
        self.assertEqual(base64.b64decode(value["body"]), body)

    def test_http_head_has_no_body(self):
        self.assertEqual(self.ready(ECHO).invoke({"method": "HEAD"}).value["body"], "")

    def test_what_is_no_request_is_told_with_what_is_expected(self):
        daemon = self.ready(ECHO)
        for event, part in (
            ({"Records": []}, "it has the key 'Records'"),
            ([], "it is of the JSON type array"),
            ({"methd": "GET"}, "'methd'"),
            ({"body": "a", "isBase64Encoded": True}, "no base64"),
            (dict(REST, body={}), "its body is of the JSON type object"),
            (dict(REST, headers=[1]), "cannot be read"),
        ):
            with self.subTest(event=event):
                error = self.error(daemon, event)
                self.assertEqual(error["errorType"], "Runtime.UnsupportedEvent")
                self.assertIn(part, error["errorMessage"])
                self.assertIn('{"method": "GET"', error["errorMessage"])
        error = self.error(daemon, {"requestContext": {"connectionId": "a", "routeKey": "$connect"}})
        self.assertIn("WebSockets are not supported", error["errorMessage"])

    def test_an_exception_is_the_invocations_error_also_where_500_was_answered(self):
        for send in ("", "await answer(send)"):
            source = """
                async def answer(send):
                    await send({"type": "http.response.start", "status": 500, "headers": []})
                    await send({"type": "http.response.body", "body": b"Internal Server Error"})

                async def app(scope, receive, send):
                    assert scope["type"] == "http"
                    SEND
                    raise KeyError("mine")
                """.replace("SEND", send)
            for host in HOSTS:
                with self.subTest(host, send=send):
                    daemon = self.ready(source, host=host)
                    for _ in range(2):
                        error = self.error(daemon)
                        self.assertEqual((error["errorType"], error["errorMessage"]), ("KeyError", "'mine'"))
                        self.assertEqual(len(error["stackTrace"]), 1)
                        self.assertIn('raise KeyError("mine")', error["stackTrace"][0])

    def test_a_failing_answer_is_an_error_with_the_exception_that_was_logged(self):
        source = """
            import logging

            async def app(scope, receive, send):
                assert scope["type"] == "http"
                if scope["path"] == "/logged":
                    try:
                        raise KeyError("mine")
                    except KeyError:
                        logging.getLogger("web").exception("failed")
                await send({"type": "http.response.start", "status": int(scope["query_string"]), "headers": []})
                await send({"type": "http.response.body", "body": b"not today"})
            """
        daemon = self.ready(source)
        error = self.error(daemon, {"path": "/logged", "query": "500"})
        self.assertEqual((error["errorType"], error["errorMessage"]), ("KeyError", "'mine'"))
        self.assertIn('raise KeyError("mine")', error["stackTrace"][-1])
        # What an earlier request has logged is not said of this one.
        error = self.error(daemon, {"path": "/x", "query": "503"})
        expected = ("App.ServerError", "GET /x was answered with 503 Service Unavailable: not today")
        self.assertEqual((error["errorType"], error["errorMessage"]), expected)
        self.assertEqual(daemon.invoke({"path": "/logged", "query": "404"}).value["statusCode"], 404)

    def test_an_app_without_a_root_is_not_said_to_work(self):
        source = """
            async def app(scope, receive, send):
                assert scope["type"] == "http"
                await send({"type": "http.response.start", "status": int(scope["query_string"] or 405), "headers": []})
                await send({"type": "http.response.body"})
            """
        daemon = self.ready(source)
        error = self.error(daemon)
        self.assertEqual(error["errorType"], "App.NoRequest")
        self.assertIn("GET / was answered with 405 Method Not Allowed", error["errorMessage"])
        self.assertIn('--event \'{"path":', error["errorMessage"])
        # Who asks for it gets it.
        self.assertEqual(daemon.invoke({"path": "/", "query": "404"}).value["statusCode"], 404)

    def test_a_request_that_no_route_takes_is_told(self):
        asgi = """
            async def app(scope, receive, send):
                assert scope["type"] == "http"
                scope["router"] = 1
                if scope["path"] == "/known":
                    scope["endpoint"] = 2
                await send({"type": "http.response.start", "status": 404, "headers": []})
                await send({"type": "http.response.body"})
            """
        wsgi = """
            class Request:
                url_rule = None

            def app(environ, start_response):
                request = environ["werkzeug.request"] = Request()
                request.url_rule = "/known" if environ["PATH_INFO"] == "/known" else None
                start_response("404 NOT FOUND", [])
                environ["werkzeug.request"] = None
                return []
            """
        for source in (asgi, wsgi):
            daemon = self.ready(source)
            error = self.error(daemon, {"path": "/unknown"})
            self.assertEqual(error["errorType"], "App.NoRequest")
            self.assertIn("GET /unknown was answered with 404 Not Found", error["errorMessage"])
            self.assertEqual(daemon.invoke({"path": "/known"}).value["statusCode"], 404)

    def test_system_exit_is_an_error_as_servers_survive_it(self):
        source = """
            async def app(scope, receive, send):
                assert scope["type"] == "http"
                raise SystemExit(3)
            """
        daemon = self.ready(source)
        for _ in range(2):
            error = self.error(daemon)
            self.assertEqual((error["errorType"], error["errorMessage"]), ("SystemExit", "3"))

    @unittest.skipIf(sys.version_info < (3, 11), "tasks do not tell whether they are being cancelled")
    def test_a_cancellation_of_the_apps_own_is_an_error_as_servers_survive_it(self):
        source = """
            import asyncio

            async def app(scope, receive, send):
                assert scope["type"] == "http"
                task = asyncio.ensure_future(asyncio.sleep(1))
                task.cancel()
                await task
            """
        for host in HOSTS:
            with self.subTest(host):
                daemon = self.ready(source, host=host)
                self.assertEqual([self.error(daemon)["errorType"] for _ in range(2)], ["CancelledError"] * 2)

    def test_what_breaks_the_protocol_is_told(self):
        start = 'await send({"type": "http.response.start", "status": 200, "headers": []})'
        for body, part in (
            ("pass", "returned without starting a response"),
            (start, "returned without completing its response"),
            ("return 7", "should return None, but returned a value of the type int"),
            ('await send({"type": "http.response.body"})', "Expected the ASGI message 'http.response.start'"),
            (start + "\n" + start, "Expected the ASGI message 'http.response.body', but got 'http.response.start'"),
            (start.replace("[]", '[("a", "b")]'), "must be pairs of bytes, but 'a' is of the type str"),
            (start + '\nawait send({"type": "http.response.body", "body": "text"})', "must be bytes, not str"),
            (
                start + '\nfor _ in range(2):\n    await send({"type": "http.response.body"})',
                "'http.response.body' sent, after the response was complete",
            ),
        ):
            source = 'async def app(scope, receive, send):\n    assert scope["type"] == "http"\n'
            with self.subTest(part):
                error = self.error(self.ready(source + textwrap.indent(body, "    ")))
                self.assertEqual(error["errorType"], "Runtime.BrokenProtocol")
                self.assertIn(part, error["errorMessage"])

    def test_background_work_after_the_response_is_part_of_the_invocation(self):
        source = """
            import asyncio

            done = []

            async def app(scope, receive, send):
                assert scope["type"] == "http"
                await receive()
                gone = asyncio.ensure_future(receive())
                await asyncio.sleep(0)
                await send({"type": "http.response.start", "status": 200, "headers": []})
                await send({"type": "http.response.body", "body": str(len(done)).encode()})
                assert (await gone)["type"] == "http.disconnect"
                await asyncio.sleep(0.01)
                done.append(1)
            """
        for host in HOSTS:
            with self.subTest(host):
                daemon = self.ready(source, host=host)
                self.assertEqual([self.answer(daemon)["body"] for _ in range(3)], [0, 1, 2])

    def test_a_task_left_behind_is_told_unless_the_server_goes_on(self):
        source = """
            import asyncio

            tasks = []

            async def work():
                await asyncio.sleep(0.01)

            async def app(scope, receive, send):
                assert scope["type"] == "http"
                tasks.append(asyncio.ensure_future(work()))
                await asyncio.sleep(0)
                await send({"type": "http.response.start", "status": 200, "headers": []})
                await send({"type": "http.response.body"})
            """
        for host in HOSTS:
            with self.subTest(host):
                daemon = self.ready(source, host=host)
                kinds = [event["event"] for _ in range(3) for event in self.observed(daemon.invoke({}).events)]
                self.assertEqual("task-unfinished" in kinds, host not in ("running", "server"), kinds)

    def test_asgi_2_and_callables_of_every_shape(self):
        answer = """
            async def answer(scope, send):
                assert scope["type"] == "http"
                await send({"type": "http.response.start", "status": 200, "headers": []})
                await send({"type": "http.response.body", "body": b"1"})
            """
        for name, source in {
            "asgi2-function": """
                def app(scope):
                    async def instance(receive, send):
                        await answer(scope, send)
                    return instance
                """,
            "asgi2-class": """
                class app:
                    def __init__(self, scope):
                        self.scope = scope
                    async def __call__(self, receive, send):
                        await answer(self.scope, send)
                """,
            "object": """
                class App:
                    async def __call__(self, scope, receive, send, more=None):
                        await answer(scope, send)
                app = App()
                """,
            "wrapper": """
                def app(scope, receive, send):
                    return answer(scope, send)
                """,
            "wrapped": """
                import functools
                async def inner(scope, receive, send):
                    await answer(scope, send)
                @functools.wraps(inner)
                async def app(*args, **kwargs):
                    return await inner(*args, **kwargs)
                """,
            "partial": """
                import functools
                async def inner(extra, scope, receive, send):
                    await answer(scope, send)
                app = functools.partial(inner, 1)
                """,
            "method": """
                class App:
                    async def handle(self, scope, receive, send):
                        await answer(scope, send)
                app = App().handle
                """,
        }.items():
            for kind in ("app", "asgi"):
                with self.subTest(name, kind=kind):
                    daemon = self.ready(textwrap.dedent(answer) + textwrap.dedent(source), kind=kind)
                    self.assertEqual([self.answer(daemon)["body"] for _ in range(2)], [1, 1])

    def test_factories(self):
        source = textwrap.dedent(ECHO) + "\n\ndef create_app():\n    return app\n"
        self.answer(self.ready(source, handler="app.create_app()"))
        error = self.refused(source, handler="app.create_app")
        self.assertIn("name it with parentheses: 'app.create_app()'", error["errorMessage"])
        error = self.refused(source + "\ndef broken():\n    return 1 / 0\n", handler="app.broken()")
        self.assertEqual(error["errorType"], "ZeroDivisionError")
        self.assertIn("return 1 / 0", error["stackTrace"][-1])

    def test_uvicorn_imports_where_its_loop_runs(self):
        source = "import asyncio\nloop = asyncio.get_running_loop()\n" + textwrap.dedent(ECHO)
        self.answer(self.ready(source, kind="asgi", host="server"))
        for kind, host in (("asgi", "kept"), ("app", "server")):
            with self.subTest(kind=kind, host=host):
                self.assertEqual(self.refused(source, kind=kind, host=host)["errorType"], "RuntimeError")


class RefusalTests(AppTestCase):
    def test_what_is_no_app_is_told_with_what_it_is(self):
        for source, part in (
            ("app = 7", "an object of the type int, which cannot be called"),
            ("app = __import__('json')", "a module"),
            ("def app(event, context): pass", "a function of (event, context). That is a Lambda handler's shape"),
            ("async def app(event, context): pass", "an async function of (event, context). That is a Lambda"),
            ("class app: pass", "the class app of (). Name an instance of it."),
            ("def app(): pass", "a function of (). If it makes the app, name it with parentheses: 'app.app()'"),
            ("def app(a, b, c, d): pass", "a function of (a, b, c, d). An ASGI app is called with"),
        ):
            with self.subTest(source):
                error = self.refused(source)
                self.assertEqual(error["errorType"], "Runtime.UnsupportedHandler")
                self.assertIn("'app.app' is neither an ASGI nor a WSGI app: it is " + part, error["errorMessage"])
        self.assertEqual(self.refused("import nothing_there")["errorType"], "Runtime.ImportModuleError")
        self.assertEqual(self.refused("a = 1")["errorType"], "Runtime.HandlerNotFound")

    def test_the_wrong_kind_is_told_with_the_right_one(self):
        error = self.refused(ECHO, kind="wsgi")
        self.assertIn("'app.app' is no WSGI app", error["errorMessage"])
        self.assertIn("set `kind: asgi`", error["errorMessage"])
        error = self.refused(WSGI_ECHO, handler="app.application", kind="asgi")
        self.assertIn("set `kind: wsgi`", error["errorMessage"])


class LifespanTests(AppTestCase):
    def test_once_in_an_environment_where_the_loop_is_kept(self):
        for host in ONE_LOOP:
            with self.subTest(host):
                daemon = self.ready(LIVES + "\n    import atexit\n", host=host)
                self.assertEqual(self.answer(daemon)["body"], ["lifespan.startup", 1])
                self.assertEqual(self.answer(daemon)["body"], ["lifespan.startup", 1, 1])
                self.assertEqual(daemon.shut_down()[1], 0)

    def test_around_each_invocation_where_it_is_not_and_with_mangum(self):
        once = ["lifespan.startup", 1, "lifespan.shutdown", "lifespan.startup", 4]
        for host, lifespan in (("per-invocation", ""), ("bare", ""), ("thread", ""), ("kept", "invocation")):
            with self.subTest(host):
                daemon = self.ready(LIVES, host=host, lifespan=lifespan)
                self.assertEqual(self.answer(daemon)["body"], once[:2])
                reply = daemon.invoke({})
                self.assertEqual(json.loads(reply.value["body"]), once)
                self.assertEqual(self.observed(reply.events), [])

    def test_a_server_lets_the_app_stop_and_others_do_not(self):
        source = """
            import contextlib

            async def app(scope, receive, send):
                if scope["type"] == "lifespan":
                    await receive()
                    await send({"type": "lifespan.startup.complete"})
                    await receive()
                    print("stopping")
                    await send({"type": "lifespan.shutdown.complete"})
                    print("stopped")
            """
        for host, expected in (("server", "stopping\nstopped\n"), ("running", "stopping\nstopped\n"), ("kept", "")):
            with self.subTest(host):
                daemon = self.ready(source, host=host)
                daemon.shut_down()
                self.assertEqual((daemon.stdout, daemon.stderr), (expected, ""))

    def test_a_failing_start_is_an_error_of_init_or_of_the_invocation(self):
        says = """
            async def app(scope, receive, send):
                assert scope["type"] == "lifespan"
                await receive()
                await send({"type": "lifespan.startup.failed", "message": "no database"})
            """
        raises = says + '    raise KeyError("mine")\n'
        hangs = says + "    await receive()\n"
        for source, expected in (
            (says, ("LifespanFailed", "no database")),
            (raises, ("KeyError", "'mine'")),
            (hangs, ("LifespanFailed", "no database")),
        ):
            for host in HOSTS:
                with self.subTest(host, expected=expected):
                    if host in ONE_LOOP:
                        error = self.refused(source, host=host)
                    else:
                        error = self.error(self.ready(source, host=host))
                    self.assertEqual((error["errorType"], error["errorMessage"]), expected)

    def test_a_failing_stop_is_an_error_of_the_invocation_and_of_a_server_only_told(self):
        source = """
            async def app(scope, receive, send):
                if scope["type"] == "lifespan":
                    await receive()
                    await send({"type": "lifespan.startup.complete"})
                    await receive()
                    raise KeyError("mine")
                await send({"type": "http.response.start", "status": 200, "headers": []})
                await send({"type": "http.response.body"})
            """
        self.assertEqual(self.error(self.ready(source))["errorType"], "KeyError")
        daemon = self.ready(source, host="server")
        self.assertTrue(daemon.invoke({}).ok)
        self.assertEqual(daemon.shut_down()[1], 0)
        self.assertIn("KeyError: 'mine'", daemon.stderr)
        self.assertNotIn("loopwarden", daemon.stderr)

    def test_apps_that_know_no_lifespan_are_driven_without(self):
        answer = """
                await send({"type": "http.response.start", "status": 200, "headers": []})
                await send({"type": "http.response.body", "body": b"1"})
            """
        for begin in ('assert scope["type"] == "http"', 'if scope["type"] != "http": return', "pass"):
            source = "async def app(scope, receive, send):\n    {}\n{}".format(
                begin, textwrap.indent(textwrap.dedent(answer), "    ")
            )
            for host in HOSTS:
                with self.subTest(host, begin=begin):
                    daemon = self.ready(source, host=host)
                    self.assertEqual([self.answer(daemon)["body"] for _ in range(2)], [1, 1])
                    self.assertEqual(daemon.shut_down()[1], 0)
                    self.assertEqual(daemon.stderr, "")

    def test_a_fault_strikes_the_app_and_not_its_lifespan(self):
        source = LIVES.replace(
            'log.append(scope["state"]["started"])',
            'log.append(scope["state"]["started"])\n        await asyncio.sleep(0.01)',
        )
        for kind in ("exception", "cancellation"):
            for host in HOSTS:
                with self.subTest(host, kind=kind):
                    daemon = self.ready(source, host=host)
                    self.answer(daemon)
                    reply = daemon.invoke({}, fault={"kind": kind, "at": 1})
                    self.assertTrue(reply.was_faulted)
                    self.assertFalse(reply.ok)
                    self.assertNotIn("loopwarden_worker", json.dumps(reply.value))
                    log = self.answer(daemon)["body"]
                    # Its start and its stop have stayed a pair.
                    stops, starts = log.count("lifespan.shutdown"), log.count("lifespan.startup")
                    self.assertEqual((starts, stops), (1, 0) if host in ONE_LOOP else (3, 2))
                    self.assertEqual(len(log), starts + stops + 3)

    def test_an_app_that_waits_for_more_after_its_stop(self):
        source = LIVES.replace('if message["type"] == "lifespan.shutdown":', "if False:")
        for host in HOSTS:
            with self.subTest(host):
                daemon = self.ready(source, host=host)
                for _ in range(2):
                    reply = daemon.invoke({})
                    self.assertTrue(reply.ok)
                    self.assertEqual(self.observed(reply.events), [])
                self.assertEqual(daemon.shut_down()[1], 0)

    def test_a_service_of_the_lifespan_is_no_task_left_behind(self):
        source = """
            import asyncio

            async def beat():
                while True:
                    await asyncio.sleep(0.001)

            async def app(scope, receive, send):
                if scope["type"] == "lifespan":
                    await receive()
                    task = asyncio.ensure_future(beat())
                    await send({"type": "lifespan.startup.complete"})
                    await receive()
                    CANCEL
                    await send({"type": "lifespan.shutdown.complete"})
                    return
                await asyncio.sleep(0.003)
                await send({"type": "http.response.start", "status": 200, "headers": []})
                await send({"type": "http.response.body"})
            """
        for host in HOSTS:
            with self.subTest(host):
                daemon = self.ready(source.replace("CANCEL", "task.cancel()"), host=host)
                replies = [daemon.invoke({}) for _ in range(3)]
                events, _ = daemon.shut_down()
                self.assertEqual(self.observed(*(reply.events for reply in replies), events), [])
        # Where the lifespan ends with the invocation, one that it does not end is lost.
        daemon = self.ready(source.replace("CANCEL", "pass"))
        self.assertIn("task-unfinished", daemon.invoke({}).kinds())


class WaitTests(AppTestCase):
    def test_what_an_app_waits_for_is_named_by_the_apps_function(self):
        source = """
            import asyncio

            async def route():
                await asyncio.sleep(60)

            async def app(scope, receive, send):
                assert scope["type"] == "http"
                await route()
            """
        stacks = os.path.join(tempfile.mkdtemp(prefix="stacks-"), "stacks")
        self.addCleanup(shutil.rmtree, os.path.dirname(stacks))
        signals = {"stack": int(signal.SIGUSR1), "turn": int(signal.SIGUSR2), "tasks": int(signal.SIGWINCH)}
        for host in HOSTS:
            if host == "thread":
                continue  # signals are for the main thread, which runs no loop there
            with self.subTest(host):
                probe = {"enabled": True, "deep": False, "stacks": stacks, "signals": signals}
                daemon = self.ready(source, host=host, probe=probe)
                daemon.send_invoke({})
                events = []
                deadline = time.monotonic() + 20
                while not events and time.monotonic() < deadline:
                    time.sleep(0.05)
                    daemon.process.send_signal(signal.SIGWINCH)
                    left = daemon.left_in_journal()
                    events = [each for each in left if each["event"] == "await-pending" and each["site"]]
                daemon.kill()
                self.assertEqual({(each["detail"], each["site"]["function"]) for each in events}, {("app", "route")})


class WsgiTests(AppTestCase):
    def test_every_host_lets_it_answer(self):
        for host in HOSTS:
            for kind in ("app", "wsgi"):
                with self.subTest(host, kind=kind):
                    daemon = self.ready(WSGI_ECHO, handler="app.application", host=host, kind=kind)
                    for _ in range(2):
                        reply = daemon.invoke({})
                        self.assertTrue(reply.ok, reply.value)
                        self.assertEqual(self.observed(reply.events), [])
                    self.assertEqual(daemon.shut_down()[1], 0)
                    self.assertEqual((daemon.stdout, daemon.stderr), ("", ""))

    def test_no_server_calls_it_where_a_loop_runs(self):
        source = """
            import asyncio

            async def work():
                return b"1"

            asyncio.run(work())

            def app(environ, start_response):
                start_response("200 OK", [])
                return [asyncio.run(work())]
            """
        for host in HOSTS:
            for kind in ("app", "wsgi"):
                with self.subTest(host, kind=kind):
                    daemon = self.ready(source, host=host, kind=kind)
                    self.assertEqual([self.answer(daemon)["body"] for _ in range(2)], [1, 1])

    def test_the_environ_of_each_form(self):
        daemon = self.ready(WSGI_ECHO, handler="app.application")
        answer = self.answer(daemon, REST)
        environ = answer["body"]
        self.assertEqual(environ["PATH_INFO"].encode("latin-1").decode(), "/café/a b")
        for key, value in {
            "REQUEST_METHOD": "POST", "SCRIPT_NAME": "", "QUERY_STRING": "q=a&q=b+c", "SERVER_NAME": "api.example.com",
            "SERVER_PORT": "443", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "192.0.2.1", "HTTP_X_MANY": "1,2",
            "wsgi.url_scheme": "https", "CONTENT_LENGTH": "5", "body": "hello",
        }.items():  # fmt: skip
            self.assertEqual(environ[key], value, key)
        self.assertEqual(answer["multiValueHeaders"]["set-cookie"], ["a=1", "b=2"])
        environ = self.answer(daemon, HTTP)["body"]
        self.assertEqual((environ["HTTP_COOKIE"], environ["PATH_INFO"]), ("a=1; b=2", "/items/7"))
        environ = self.answer(daemon, ALB)["body"]
        self.assertEqual((environ["QUERY_STRING"], environ["REMOTE_ADDR"]), ("q=b%20c", "192.0.2.3"))
        environ = self.answer(daemon, {"path": "/x", "headers": {"Content-Type": "text/plain", "X_Evil": "1"}})["body"]
        self.assertEqual((environ["CONTENT_TYPE"], environ["PATH_INFO"]), ("text/plain", "/x"))
        self.assertNotIn("HTTP_X_EVIL", environ)

    def test_the_standard_librarys_validator_has_nothing_to_say(self):
        source = """
            import warnings
            from wsgiref.validate import validator

            warnings.simplefilter("error")

            def plain(environ, start_response):
                write = start_response("200 OK", [("Content-Type", "text/plain")])
                length = int(environ.get("CONTENT_LENGTH") or 0)
                write(environ["wsgi.input"].read(length))
                environ["wsgi.errors"].write("")
                return [b"1"]

            app = validator(plain)
            """
        for host in HOSTS:
            with self.subTest(host):
                daemon = self.ready(source, host=host)
                for event in ({}, REST, HTTP, ALB, {"method": "POST", "body": "2"}):
                    self.assertTrue(daemon.invoke(event).value["body"].endswith("1"))
                daemon.shut_down()
                self.assertEqual(daemon.stderr, "")

    def test_apps_of_every_shape(self):
        for name, source in {
            "class": """
                class app:
                    def __init__(self, environ, start_response):
                        self.start = start_response
                    def __iter__(self):
                        self.start("200 OK", [])
                        yield b"1"
                """,
            "object": """
                class App:
                    def __call__(self, environ, start_response):
                        start_response("200 OK", [])
                        return [b"1"]
                app = App()
                """,
            "generator": """
                def app(environ, start_response):
                    start_response("200 OK", [])
                    yield b""
                    yield b"1"
                """,
            "starts again with an error": """
                import sys
                def app(environ, start_response):
                    start_response("200 OK", [])
                    try:
                        1 / 0
                    except ZeroDivisionError:
                        start_response("400 Bad Request", [("X-A", "b")], sys.exc_info())
                    return [b"1"]
                """,
        }.items():
            with self.subTest(name):
                self.assertEqual(self.answer(self.ready(source))["body"], 1)

    def test_what_is_returned_is_closed_also_after_an_error(self):
        source = """
            class Body:
                closed = 0
                def __init__(self, fails):
                    self.fails = fails
                def __iter__(self):
                    yield str(Body.closed).encode()
                    if self.fails:
                        raise KeyError("mine")
                def close(self):
                    Body.closed += 1

            def app(environ, start_response):
                start_response("200 OK", [])
                return Body(environ["PATH_INFO"] == "/fail")
            """
        daemon = self.ready(source)
        error = self.error(daemon, {"path": "/fail"})
        self.assertEqual((error["errorType"], len(error["stackTrace"])), ("KeyError", 1))
        self.assertEqual([self.answer(daemon)["body"] for _ in range(2)], [1, 2])

    def test_what_breaks_the_protocol_is_told(self):
        for body, part in (
            ("return []", "returned without calling start_response()"),
            ("return [b'1']", "returned a body without calling start_response()"),
            ("start_response('200 OK', []); return ['text']", "must be bytes, not str"),
            ("start_response(200, []); return []", "the status 200; expected is such as '200 OK'"),
            ("start_response('200 OK', []); start_response('200 OK', []); return []", "a second time"),
            ("start_response('200 OK', [('a', 1)]); return []", "must be pairs of str, but 1 is not"),
        ):
            with self.subTest(part):
                error = self.error(self.ready("def app(environ, start_response):\n    " + body))
                self.assertEqual(error["errorType"], "Runtime.BrokenProtocol")
                self.assertIn(part, error["errorMessage"])

    def test_a_framework_that_logs_and_answers_500(self):
        source = """
            import logging

            def app(environ, start_response):
                try:
                    raise KeyError("mine")
                except KeyError:
                    logging.getLogger("web").exception("failed")
                start_response("500 INTERNAL SERVER ERROR", [])
                return [b"sorry"]
            """
        error = self.error(self.ready(source, host="thread"))
        self.assertEqual((error["errorType"], error["errorMessage"]), ("KeyError", "'mine'"))
        self.assertIn('raise KeyError("mine")', error["stackTrace"][-1])

    def test_a_framework_that_writes_a_traceback_and_answers_500(self):
        source = """
            import traceback

            def app(environ, start_response):
                try:
                    raise KeyError("mine")
                except KeyError:
                    environ["wsgi.errors"].write("Error at {}\\n".format(environ["PATH_INFO"]))
                    environ["wsgi.errors"].writelines(traceback.format_exc().splitlines(True) + ["after\\n"])
                    environ["wsgi.errors"].flush()
                start_response("500 INTERNAL SERVER ERROR", [])
                return [b"sorry"]
            """
        daemon = self.ready(source, host="thread")
        error = self.error(daemon, {"path": "/x"})
        self.assertEqual((error["errorType"], error["errorMessage"]), ("KeyError", "'mine'"))
        self.assertIn('raise KeyError("mine")', "".join(error["stackTrace"]))
        daemon.shut_down()
        self.assertIn("Error at /x\nTraceback", daemon.stderr)


class FormTests(unittest.TestCase):
    """What needs no worker."""

    def test_each_form_is_known_by_its_own_keys(self):
        for event, form in ((REST, "rest"), (HTTP, "http"), (ALB, "alb"), ({}, "short")):
            self.assertEqual(http_events.read(event).form, form)
        # Payload format 1.0 of HTTP APIs, and what consoles offer as a test.
        self.assertEqual(http_events.read(dict(REST, version="1.0")).form, "rest")
        self.assertEqual(http_events.read({"httpMethod": "GET", "path": "/"}).form, "rest")

    def test_hosts_and_ports(self):
        for headers, server in (
            ({"host": "a:8000"}, ("a", 8000)),
            ({"host": "a"}, ("a", 80)),
            ({"host": "a", "x-forwarded-proto": "https"}, ("a", 443)),
        ):
            self.assertEqual(http_events.read({"headers": headers}).server, server)

    def test_answers_in_text_and_in_base64(self):
        request = http_events.read({})
        for kind, body, is_base64 in (
            (b"text/html; charset=utf-8", "ü".encode(), False),
            (b"application/problem+json", b"{}", False),
            (b"application/json", b"\xff", True),
            (b"image/png", b"abc", True),
            (b"", b"abc", True),
        ):
            answer = http_events.answer(request, 200, [(b"Content-Type", kind)], body)
            self.assertEqual(answer["isBase64Encoded"], is_base64, kind)
        headers = [(b"Content-Type", b"text/plain"), (b"Content-Encoding", b"gzip")]
        self.assertTrue(http_events.answer(request, 200, headers, b"abc")["isBase64Encoded"])

    def test_a_fault_is_a_fault(self):
        with self.assertRaises(Fault):
            http_events.read(None)
        self.assertIsNone(apps.interface_of(7))
        self.assertIsNone(apps.interface_of(dict))


if __name__ == "__main__":
    sys.path.insert(0, SOURCES)
    unittest.main()
