"""The worker, over a real socket, against the fake daemon."""

import json
import os
import textwrap
import time
import unittest

import fake_daemon
from fake_daemon import INIT_ERROR, READY, Ended, FakeDaemon
from watching import needs_uvloop

ECHO = """
def handler(event, context):
    return event
"""


class WorkerTestCase(unittest.TestCase):
    def daemon(self, source, **options):
        daemon = FakeDaemon(textwrap.dedent(source), **options)
        self.addCleanup(daemon.close)
        return daemon

    def ready(self, source, **options):
        daemon = self.daemon(source, **options)
        kind = daemon.start()
        if kind != READY:
            self.fail(daemon.init_error)
        return daemon

    def refused(self, source, **options):
        daemon = self.daemon(source, **options)
        self.assertEqual(daemon.start(), INIT_ERROR)
        self.assertEqual(daemon.wait(), 1)
        return daemon

    def silent(self, daemon):
        """Nothing of ours may show where the handler's output goes."""
        self.assertEqual((daemon.stdout, daemon.stderr), ("", ""))


class LifeTests(WorkerTestCase):
    def test_hello_ready_cold_warm_and_bye(self):
        daemon = self.ready(
            "import os\ncount = 0\n"
            + textwrap.dedent("""
            def handler(event, context):
                global count
                count += 1
                return [event, count, sorted(name for name in os.environ if name.startswith("LOOPWARDEN"))]
            """)
        )
        self.assertEqual(
            (daemon.hello["token"], daemon.hello["pid"]), ("" if FakeDaemon.is_forked else "c0ffee", daemon.process.pid)
        )
        self.assertEqual(daemon.info["kind"], "def")
        self.assertEqual(daemon.info["disabled"], [])
        self.assertEqual([event["phase"] for event in daemon.init_events], ["init", "init"])
        self.assertEqual(daemon.invoke("cold").value, ["cold", 1, []])
        reply = daemon.invoke("warm")
        self.assertEqual(reply.value, ["warm", 2, []])
        phases = [(event["event"], event["phase"], event["ordinal"]) for event in reply.events]
        self.assertEqual(phases[:3], [
            ("phase-begun", "between", None), ("phase-ended", "between", None), ("phase-begun", "invocation", 1),
        ])  # fmt: skip
        self.assertEqual(phases[-1], ("phase-ended", "invocation", 1))
        events, status = daemon.shut_down()
        self.assertEqual((events[-1]["phase"], status), ("shutdown", 0))
        self.silent(daemon)

    def test_handler_cannot_import_the_worker_by_its_folder(self):
        daemon = self.ready("""
            import sys
            def handler(event, context):
                return [path for path in sys.path if path.endswith("PythonProbe")] + [sys.path[0]]
            """)
        self.assertEqual(daemon.invoke().value, [daemon.root])

    def test_hanging_up_ends_the_worker(self):
        daemon = self.ready(ECHO)
        daemon.hang_up()
        self.assertEqual(daemon.wait(), 0)
        self.silent(daemon)

    def test_sys_exit_ends_the_process_with_its_status_and_leaves_events(self):
        daemon = self.ready("""
            import asyncio, sys
            def handler(event, context):
                asyncio.SelectorEventLoop()
                sys.exit(event)
            """)
        with self.assertRaises(Ended):
            daemon.invoke(7)
        self.assertEqual(daemon.wait(), 7)
        self.assertIn("loop-created", [event["event"] for event in daemon.left_in_journal()])

    def test_other_base_exceptions_end_the_process_with_one(self):
        for name in ("KeyboardInterrupt", "asyncio.CancelledError"):
            with self.subTest(name):
                daemon = self.ready(
                    """
                    import asyncio
                    async def handler(event, context):
                        raise {}("stop")
                    """.format(name)
                )
                with self.assertRaises(Ended):
                    daemon.invoke()
                self.assertEqual(daemon.wait(), 1)
                self.assertNotIn("loopwarden", daemon.stderr)

    def test_the_end_does_not_wait_for_tasks_that_refuse_to_be_cancelled(self):
        for name in ("SystemExit", "KeyboardInterrupt", "asyncio.CancelledError"):
            with self.subTest(name):
                daemon = self.ready(
                    """
                    import asyncio
                    async def stubborn():
                        while True:
                            try:
                                await asyncio.sleep(3600)
                            except asyncio.CancelledError:
                                pass
                    async def handler(event, context):
                        asyncio.ensure_future(stubborn())
                        await asyncio.sleep(0)
                        raise {}(1)
                    """.format(name)
                )
                with self.assertRaises(Ended):
                    daemon.invoke()
                self.assertEqual(daemon.wait(), 1)

    def test_kill_in_the_middle_leaves_the_events_in_the_journal(self):
        daemon = self.ready("""
            import asyncio, os, signal
            def handler(event, context):
                if event != "die":
                    return
                loop = asyncio.SelectorEventLoop()
                loop.close()
                try:
                    loop.call_soon(print)
                except RuntimeError:
                    pass
                os.kill(os.getpid(), signal.SIGKILL)
            """)
        daemon.invoke("live")
        with self.assertRaises(Ended):
            daemon.invoke("die")
        self.assertEqual(daemon.wait(), -9)
        events = daemon.left_in_journal()
        used = [event for event in events if event["event"] == "used-after-close"]
        self.assertEqual([(event["site"]["file"], event["site"]["line"]) for event in used], [("app.py", 9)])
        self.assertEqual({event["ordinal"] for event in used}, {1})

    def test_forked_child_that_returns_does_not_answer(self):
        daemon = self.ready("""
            import os
            def handler(event, context):
                child = os.fork()
                if child:
                    return os.waitpid(child, 0)[1]
                return "from the child"
            """)
        self.assertEqual([daemon.invoke().value for _ in range(2)], [0, 0])


class WaitingTests(WorkerTestCase):
    """A worker that has answered sleeps until there is more to do."""

    def switches(self, daemon):
        """How often the worker has gone to sleep; asked when it sleeps."""
        before = None
        while True:
            with open("/proc/{}/status".format(daemon.process.pid), encoding="ascii") as file:
                status = dict(line.rstrip().partition(":\t")[::2] for line in file)
            now = int(status["voluntary_ctxt_switches"])
            if status["State"].startswith("S") and now == before:
                return now
            before = now
            time.sleep(0.01)

    def switches_for_taking(self, daemon):
        """How often it goes to sleep because somebody takes its second answer."""
        daemon.invoke("cold")
        daemon.send_invoke("warm")
        while not daemon.has_sent():
            time.sleep(0.01)
        before = self.switches(daemon)
        self.assertEqual(daemon.take_reply().value, "warm")
        return self.switches(daemon) - before

    def test_it_is_not_woken_because_its_answer_was_taken(self):
        self.assertEqual(self.switches_for_taking(self.ready(ECHO)), 0)

    def test_where_poll_cannot_be_had_it_is_woken_and_answers(self):
        daemon = self.ready("import select\nselect.poll = lambda: None\n" + ECHO)
        self.assertEqual(self.switches_for_taking(daemon), 1)
        self.assertEqual(daemon.invoke("again").value, "again")


class HostileHandlerTests(WorkerTestCase):
    def test_closing_every_descriptor_ends_the_worker_silently(self):
        daemon = self.ready("import os\ndef handler(event, context):\n    os.closerange(3, 4096)\n")
        with self.assertRaises(Ended):
            daemon.invoke()
        self.assertEqual(daemon.wait(), 70)
        self.silent(daemon)

    def test_closing_the_low_descriptors_does_no_harm(self):
        source = "import os\ndef handler(event, context):\n    os.closerange(3, 200)\n    return 1\n"
        daemon = self.ready(source, host="bare")
        self.assertEqual([daemon.invoke().value for _ in range(2)], [1, 1])

    def test_a_file_put_over_the_channel_is_not_written_to(self):
        daemon = self.ready(
            """
            import os
            def handler(event, context):
                target = os.open(event, os.O_CREAT | os.O_RDWR)
                for name in os.listdir("/proc/self/fd"):
                    try:
                        if int(name) > 2 and os.readlink("/proc/self/fd/" + name).startswith("socket:"):
                            os.dup2(target, int(name))
                    except OSError:
                        pass
            """,
            host="bare",
        )
        path = os.path.join(daemon.folder, "target")
        with self.assertRaises(Ended):
            daemon.invoke(path)
        self.assertEqual(daemon.wait(), 70)
        self.assertEqual(os.path.getsize(path), 0)
        self.silent(daemon)

    def test_patched_os_and_socket_do_not_matter(self):
        daemon = self.ready(
            """
            import os, socket
            os.read = os.write = os.fstat = socket.socket = None
            def handler(event, context):
                return event
            """,
            host="bare",
        )
        self.assertEqual([daemon.invoke(n).value for n in range(2)], [0, 1])

    def test_flood_of_events_is_dropped_and_counted(self):
        daemon = self.ready("""
            import asyncio
            loop = asyncio.SelectorEventLoop()
            loop.close()
            def handler(event, context):
                for _ in range(event):
                    try:
                        loop.call_soon(print)
                    except RuntimeError:
                        pass
            """)
        events = daemon.invoke(110_000).kinds()
        self.assertGreater(events.count("used-after-close"), 100_000)
        later = [event for event in daemon.invoke(1).events if event["event"] == "events-dropped"]
        self.assertEqual(len(later), 1)
        self.assertGreater(later[0]["value"], 1000)

    def test_large_event_and_result(self):
        daemon = self.ready(ECHO)
        text = "x" * (5 << 20)
        self.assertEqual(daemon.invoke(text).value, text)


class InitTests(WorkerTestCase):
    def assert_refused(self, kind, message, source=ECHO, **options):
        error = self.refused(source, **options).init_error
        self.assertEqual((error["errorType"], error["requestId"]), (kind, ""))
        self.assertEqual(list(error), ["errorMessage", "errorType", "requestId", "stackTrace"])
        self.assertEqual(error["errorMessage"], message)
        return error

    def test_handler_names(self):
        self.assert_refused(
            "Runtime.MalformedHandlerName",
            "Bad handler 'app': not enough values to unpack (expected 2, got 1)",
            handler="app",
        )
        self.assert_refused(
            "Runtime.HandlerNotFound", "Handler 'other' missing on module 'app'", handler="app.other"
        )  # fmt: skip
        self.assert_refused(
            "Runtime.ImportModuleError",
            "Unable to import module 'nothing/here': No module named 'nothing'",
            handler="nothing/here.handler",
        )
        self.assert_refused(
            "Runtime.BuiltInModuleConflict",
            "Cannot use built-in module sys as a handler module",
            handler="sys.exit",
        )

    def test_handler_in_a_folder(self):
        daemon = self.daemon("", handler="deep/er.handler")
        daemon.write("deep/er.py", ECHO)
        self.assertEqual(daemon.start(), READY)
        self.assertEqual(daemon.invoke(1).value, 1)

    def test_missing_dependency(self):
        self.assert_refused(
            "Runtime.ImportModuleError",
            "Unable to import module 'app': No module named 'absent'",
            source="import absent\n",
        )

    def test_syntax_error(self):
        error = self.refused("def handler(:\n").init_error
        self.assertEqual(error["errorType"], "Runtime.UserCodeSyntaxError")
        self.assertTrue(error["errorMessage"].startswith("Syntax error in module 'app': invalid syntax"))
        self.assertIn('app.py" Line 1\n    def handler(:', error["stackTrace"][0])

    def test_module_that_raises(self):
        error = self.assert_refused("ZeroDivisionError", "division by zero", source="1 / 0\n")
        self.assertIn('app.py", line 1, in <module>', error["stackTrace"][-1])
        self.assertNotIn("loopwarden", "".join(error["stackTrace"]))

    def test_module_that_exits(self):
        daemon = self.daemon("import sys\nsys.exit(4)\n")
        with self.assertRaises(Ended):
            daemon.start()
        self.assertEqual(daemon.wait(), 4)

    def test_generators(self):
        for definition in ("def", "async def"):
            message = "Handler 'handler' on module 'app' is a generator function: "
            message += "a handler must return its result, not yield it"
            self.assert_refused(
                "Runtime.UnsupportedHandler", message, source=definition + " handler(event, context):\n    yield 1\n"
            )

    def test_unknown_host(self):
        error = self.refused(ECHO, host="nowhere").init_error
        self.assertIn("Use one of: per-invocation, bare", error["errorMessage"])

    def test_module_scope_loop_is_an_event_of_init(self):
        daemon = self.ready("import asyncio\nloop = asyncio.SelectorEventLoop()\n" + ECHO)
        (created,) = [event for event in daemon.init_events if event["event"] == "loop-created"]
        self.assertEqual((created["phase"], created["site"]["file"], created["site"]["line"]), ("init", "app.py", 2))
        reply = daemon.invoke()
        (left,) = [event for event in reply.events if event["event"] == "open-at-end"]
        self.assertEqual(left["flags"], 2)


class ErrorTests(WorkerTestCase):
    def error(self, source, event=None, **options):
        reply = self.ready(source, **options).invoke(event)
        self.assertFalse(reply.ok)
        return reply.value

    def test_exception_of_a_handler(self):
        error = self.error("def handler(event, context):\n    raise ValueError('no é')\n")
        self.assertEqual(list(error), ["errorMessage", "errorType", "requestId", "stackTrace"])
        self.assertEqual(error["errorMessage"], "no é")
        self.assertEqual((error["errorType"], error["requestId"]), ("ValueError", "request-0"))
        (frame,) = error["stackTrace"]
        self.assertRegex(frame, r'^  File ".*app.py", line 2, in handler\n    raise ValueError\(\'no é\'\)\n$')

    def test_exception_of_an_async_handler_shows_the_users_frames_only(self):
        source = "async def handler(event, context):\n    raise ValueError('no')\n"
        for host in ("per-invocation", "bare"):
            with self.subTest(host):
                self.assertEqual(len(self.error(source, host=host)["stackTrace"]), 1)

    def test_frames_of_the_probe_do_not_show(self):
        error = self.error("""
            import asyncio
            def handler(event, context):
                loop = asyncio.SelectorEventLoop()
                loop.close()
                loop.call_soon(print)
            """)
        self.assertEqual(error["errorMessage"], "Event loop is closed")
        self.assertNotIn("loopwarden", "".join(error["stackTrace"]))

    def test_results_that_cannot_be_marshalled(self):
        daemon = self.ready("""
            def handler(event, context):
                deep = []
                for _ in range(100_000):
                    deep = [deep]
                circular = []
                circular.append(circular)
                return {"set": {1}, "deep": deep, "circular": circular, "coroutine": handler}[event]
            """)
        for event in ("set", "deep", "circular", "coroutine"):
            error = daemon.invoke(event).value
            self.assertEqual((error["errorType"], error["stackTrace"]), ("Runtime.MarshalError", []), error)
        self.assertEqual(
            daemon.invoke("set").value["errorMessage"],
            "Unable to marshal response: Object of type set is not JSON serializable",
        )

    def test_a_result_that_was_mended_can_be_marshalled(self):
        daemon = self.ready("""
            result = {"a": []}
            def handler(event, context):
                result["a"][:] = [{"set": set(), "circle": result, "number": 1}[event]]
                return result
            """)
        for event in ("set", "circle"):
            self.assertFalse(daemon.invoke(event).ok)
            self.assertEqual(daemon.invoke("number").value, {"a": [1]})

    def test_results_that_can(self):
        daemon = self.ready("""
            import collections, decimal
            Point = collections.namedtuple("Point", "x y")
            def handler(event, context):
                return eval(event)
            """)
        for source, wire in (
            ("None", b"null"),
            ("b'\\x00raw'", b"\x00raw"),
            ("float('nan')", b"NaN"),
            (
                "[decimal.Decimal('1.10'), {'a': decimal.Decimal('12345678901234567890.5')}]",
                b'[1.10, {"a": 12345678901234567890.5}]',
            ),
            ("'\\u00e9'", b'"\\u00e9"'),
            ("'\\ud800'", b'"\\ud800"'),
            ("Point(1, 2)", b'{"x": 1, "y": 2}'),
            ("{'a': [1, (Point(1, [Point(2, None)]),)]}", b'{"a": [1, [{"x": 1, "y": [{"x": 2, "y": null}]}]]}'),
            ("(1, (2, 3))", b"[1, [2, 3]]"),
        ):
            reply = daemon.invoke(source)
            self.assertEqual((reply.ok, reply.payload), (True, wire))

    def test_unescaped_results_of_the_newer_runtimes(self):
        environment = {"AWS_EXECUTION_ENV": "AWS_Lambda_python3.12"}
        daemon = self.ready(ECHO, environment=environment)
        self.assertEqual(daemon.invoke("é").payload, '"é"'.encode())
        reply = daemon.invoke("\ud800")
        self.assertEqual(reply.value["errorType"], "Runtime.MarshalError")
        self.assertEqual(daemon.invoke("on").value, "on")

    def test_event_that_is_no_json(self):
        reply = self.ready(ECHO).invoke(payload=b"{")
        self.assertEqual(reply.value["errorType"], "Runtime.UnmarshalError")
        self.assertTrue(reply.value["errorMessage"].startswith("Unable to unmarshal input: Expecting property name"))

    def test_error_is_one_line_of_the_handlers_output(self):
        daemon = self.ready("def handler(event, context):\n    raise ValueError('no é')\n")
        daemon.invoke()
        daemon.shut_down()
        lines = daemon.stdout.split("\n")
        self.assertEqual((len(lines), lines[1], daemon.stderr), (2, "", ""))
        head, traceback, frame, text = lines[0].split("\r")
        self.assertEqual((head, traceback), ("[ERROR] ValueError: no é", "Traceback (most recent call last):"))
        self.assertRegex(frame, '^\u00a0\u00a0File ".*app.py", line 2, in handler$')
        self.assertEqual(text, "\u00a0" * 4 + "raise ValueError('no é')")

    def test_error_line_as_json(self):
        daemon = self.ready("def handler(event, context):\n    1 / 0\n", environment={"AWS_LAMBDA_LOG_FORMAT": "JSON"})
        error = daemon.invoke().value
        daemon.shut_down()
        line = json.loads(daemon.stdout)
        self.assertEqual(line.pop("level"), "ERROR")
        self.assertRegex(line.pop("timestamp"), "^....-..-..T..:..:..Z$")
        self.assertEqual(line, error)

    def test_handler_that_closes_its_output_gets_its_error_all_the_same(self):
        error = self.error("import sys\ndef handler(event, context):\n    sys.stdout.close()\n    1 / 0\n")
        self.assertEqual(error["errorType"], "ZeroDivisionError")

    def test_exceptions_without_a_text(self):
        error = self.error("""
            class Odd(Exception):
                def __str__(self):
                    raise RuntimeError
            def handler(event, context):
                raise Odd
            """)
        self.assertEqual(error["errorType"], "Odd")


class ContextTests(WorkerTestCase):
    def test_every_field(self):
        daemon = self.ready("""
            import os
            def handler(event, context):
                return {
                    "fields": [context.aws_request_id, context.function_name, context.function_version,
                               context.invoked_function_arn, context.memory_limit_in_mb, context.log_group_name,
                               context.log_stream_name, context.tenant_id],
                    "client": context.client_context and [context.client_context.custom,
                               context.client_context.client.app_title],
                    "identity": [context.identity.cognito_identity_id, context.identity.cognito_identity_pool_id],
                    "remaining": context.get_remaining_time_in_millis(),
                    "trace": os.environ.get("_X_AMZN_TRACE_ID"),
                }
            """)
        value = daemon.invoke(
            id="r1",
            arn="arn:x",
            traceId="Root=1",
            tenantId="t",
            clientContext={"custom": {"a": 1}, "client": {"app_title": "shop"}},
            identity={"cognitoIdentityId": "i", "cognitoIdentityPoolId": "p"},
        ).value
        self.assertEqual(value["fields"][:5], ["r1", "orders", "$LATEST", "arn:x", "128"])
        self.assertEqual(value["fields"][5:], ["/aws/lambda/orders", "2025/01/01/[$LATEST]0", "t"])
        self.assertEqual((value["client"], value["identity"]), ([{"a": 1}, "shop"], ["i", "p"]))
        self.assertTrue(2000 < value["remaining"] <= 3000, value["remaining"])
        self.assertEqual(value["trace"], "Root=1")
        value = daemon.invoke(seconds=-5).value
        self.assertEqual((value["remaining"], value["trace"], value["client"]), (0, None, None))
        self.assertEqual(value["identity"], [None, None])


class HostTests(WorkerTestCase):
    loop = "asyncio"
    flags = {"per-invocation": 4, "bare": 6}
    current_loop = """
        import asyncio
        async def handler(event, context):
            loop = asyncio.get_running_loop()
            async def forever():
                await asyncio.sleep(3600)
            asyncio.ensure_future(forever())
            return type(loop).__module__.partition(".")[0]
        """

    def test_async_handler_runs_on_a_loop_of_its_own_that_is_the_hosts(self):
        for host, flags in self.flags.items():
            with self.subTest(host):
                daemon = self.ready(self.current_loop, host=host, loop=self.loop)
                self.assertEqual(daemon.info["kind"], "async def")
                for serial in (1, 2):
                    reply = daemon.invoke()
                    self.assertEqual(reply.value, self.loop)
                    created = [event for event in reply.events if event["event"] == "loop-created"]
                    closed = [event for event in reply.events if event["event"] == "loop-closed"]
                    self.assertEqual([(event["loop"], event["flags"]) for event in created + closed],
                                     [(serial, flags)] * 2)  # fmt: skip
                    self.assertEqual([event["site"] for event in created + closed], [None, None])
                    self.assertNotIn("open-at-end", reply.kinds())

    def test_def_handler_finds_the_fresh_loop_as_the_current_one(self):
        daemon = self.ready(
            """
            import asyncio
            def handler(event, context):
                loop = asyncio.get_event_loop()
                loop.run_until_complete(asyncio.sleep(0))
                return [loop.is_running(), loop.is_closed()]
            """,
            loop=self.loop,
        )
        for _ in range(2):
            reply = daemon.invoke()
            self.assertEqual(reply.value, [False, False])
            (begun,) = [event for event in reply.events if event["event"] == "run-begun"]
            self.assertEqual((begun["site"]["file"], begun["site"]["line"], begun["flags"]), ("app.py", 5, 0))

    def test_bare_def_handler_meets_no_loop_and_no_import_of_asyncio(self):
        daemon = self.ready(
            """
            import sys
            def handler(event, context):
                return "asyncio" in sys.modules
            """,
            host="bare",
            loop=self.loop,
        )
        self.assertEqual(daemon.invoke().value, self.loop == "uvloop" or FakeDaemon.is_forked)

    def test_closed_loop_reuse_across_invocations_is_seen_though_swallowed(self):
        daemon = self.ready(
            """
            import asyncio
            client = None
            def handler(event, context):
                global client
                if client is None:
                    client = asyncio.new_event_loop()
                try:
                    client.run_until_complete(asyncio.sleep(0))
                except RuntimeError:
                    pass
                client.close()
            """,
            host="bare",
            loop=self.loop,
        )
        self.assertNotIn("used-after-close", daemon.invoke().kinds())
        (used,) = [event for event in daemon.invoke().events if event["event"] == "used-after-close"]
        self.assertEqual((used["site"]["line"], used["detail"], used["ordinal"]), (9, "run_until_complete", 1))

    def test_poisoned_slot_is_seen(self):
        daemon = self.ready(
            """
            import asyncio
            def handler(event, context):
                loop = asyncio.new_event_loop()
                asyncio.set_event_loop(loop)
                loop.close()
            """,
            host="bare",
            loop=self.loop,
        )
        self.assertIn("slot-left-closed", daemon.invoke().kinds())

    def test_handler_that_closes_or_keeps_the_hosts_loop(self):
        daemon = self.ready(
            """
            import asyncio, threading
            def handler(event, context):
                loop = asyncio.get_event_loop()
                if event == "close":
                    loop.close()
                else:
                    ready = threading.Event()
                    loop.call_soon(ready.set)
                    threading.Thread(target=loop.run_forever, daemon=True).start()
                    ready.wait()
                return event
            """,
            loop=self.loop,
        )
        for event in ("close", "keep", "close"):
            self.assertEqual(daemon.invoke(event).value, event)


@needs_uvloop
class UvloopHostTests(HostTests):
    loop = "uvloop"

    def test_version_is_told(self):
        daemon = self.ready(ECHO, loop="uvloop")
        self.assertRegex(daemon.info["loopVersion"], r"^\d+\.")


class ProtocolTests(unittest.TestCase):
    def test_kinds_are_the_workers(self):
        from loopwarden_worker import channel

        for name in ("CONFIG", "INVOKE", "SHUTDOWN", "HELLO", "READY", "INIT_ERROR", "REPLY", "BYE"):
            self.assertEqual(getattr(channel, name), getattr(fake_daemon, name))


if __name__ == "__main__":
    unittest.main()
