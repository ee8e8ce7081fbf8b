"""The command line as people and programs meet it: exit statuses, shapes of JSON, texts of errors."""

import json
import os
import pty
import select
import subprocess
import unittest

import harness

OK, FAILED, USAGE, DATA, MISSING, UNAVAILABLE, TEMPORARY, CONFIGURATION = 0, 1, 64, 65, 66, 69, 75, 78


class CommandLineTests(harness.ServiceTestCase):
    """One daemon for all: the tests only add to its history."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.daemon = harness.Daemon(plugins=[harness.PLUGINS]).__enter__()
        cls.addClassCleanup(cls.daemon.__exit__, None, None, None)

    def expect(self, status, *arguments, **options):
        """Runs a command that must end with that status; returns what it printed."""
        done = self.daemon.run(*arguments, **options)
        self.assertEqual(done.returncode, status, (arguments, done.stdout, done.stderr))
        for word in ("Fatal error", "Traceback", "Swift.", "NIOCore", "POSIXErrorCode"):
            self.assertNotIn(word, done.stderr)
        return done

    # invoke

    def test_invoke_prints_the_result_and_nothing_else_on_stdout(self):
        done = self.expect(OK, "invoke", "asyncio-run", "--payload", '{"numbers": [2, 3]}')
        self.assertEqual(json.loads(done.stdout), {"squares": [4, 9]})
        self.assertIn("asyncio-run", done.stderr)

    def test_payloads_come_from_an_argument_a_file_and_standard_input(self):
        file = self.scratch / "event.json"
        file.write_text('{"numbers": [5]}')
        for payload, stdin in (('{"numbers": [5]}', None), ("@{}".format(file), None), ("-", '{"numbers": [5]}')):
            with self.subTest(payload):
                done = self.expect(OK, "invoke", "asyncio-run", "--payload", payload, stdin=stdin)
                self.assertEqual(json.loads(done.stdout), {"squares": [25]})

    def test_a_failed_invocation_exits_with_1_and_tells_its_findings(self):
        self.expect(OK, "invoke", "module-loop-broken", "--cold")
        done = self.expect(FAILED, "invoke", "module-loop-broken")
        self.assertIn("Event loop is closed", done.stdout + done.stderr)
        self.assertIn("closed-loop-reuse", done.stderr)
        for line in ("handler.py:5", "handler.py:16", "handler.py:19"):
            self.assertIn(line, done.stderr)

    def test_invoke_json_is_the_contract(self):
        reply = self.daemon.json("invoke", "module-loop-broken", "--cold")
        self.assertEqual(set(reply), {"invocation", "result", "findings"})
        self.assertEqual(reply["result"], {"greeting": "Hello, world!"})
        invocation = reply["invocation"]
        self.assertEqual((invocation["ordinal"], invocation["start"], invocation["cause"]), (0, "cold", "requested"))
        self.assertEqual((invocation["outcome"], invocation["errorType"]), ("ok", None))
        for key in ("id", "function", "environment", "errorMessage", "durationMs"):
            self.assertIn(key, invocation)
        reply = self.daemon.json("invoke", "module-loop-broken", status=FAILED)
        self.assertEqual((reply["invocation"]["start"], reply["invocation"]["ordinal"]), ("warm", 1))
        self.assertEqual(reply["result"]["errorMessage"], "Event loop is closed")
        (finding,) = [each for each in reply["findings"] if each["rule"] == "closed-loop-reuse"]
        keys = "rule code severity function environment invocation site related message advice fingerprint"
        self.assertEqual(set(finding), set(keys.split()))
        self.assertEqual(set(finding["site"]), {"file", "line", "function"})
        self.assertEqual(set(finding["related"][0]), {"role", "invocation", "file", "line", "function"})
        self.assertEqual(finding["invocation"], {"id": reply["invocation"]["id"], "ordinal": 1})
        self.assertIn(finding["severity"], ("error", "warning", "info"))

    def test_count_prints_one_object_a_line(self):
        done = self.expect(OK, "invoke", "asyncio-run", "--count", "3", "--json")
        replies = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(len(replies), 3)
        self.assertEqual(len({reply["invocation"]["id"] for reply in replies}), 3)

    def test_wrong_invocations(self):
        for status, words, arguments in [
            (MISSING, "no-such", ["invoke", "no-such"]),
            (DATA, "JSON", ["invoke", "asyncio-run", "--payload", "{"]),
            (MISSING, "no-such-file", ["invoke", "asyncio-run", "--payload", "@/no-such-file"]),
            (USAGE, "count", ["invoke", "asyncio-run", "--count", "0"]),
            (USAGE, "", ["invoke"]),
            (USAGE, "--colt", ["invoke", "asyncio-run", "--colt"]),
            (USAGE, "", ["no-such-command"]),
        ]:
            with self.subTest(arguments):
                done = self.expect(status, *arguments)
                self.assertIn(words, done.stderr)
                self.assertEqual(done.stdout, "")

    def test_no_daemon(self):
        for path in (self.scratch / "none.sock", "/" + "x" * 200):
            with self.subTest(path):
                done = self.expect(UNAVAILABLE, "status", environment={"LOOPWARDEN_SOCKET": str(path)})
                self.assertIn(str(path), done.stderr)

    # queries

    def test_every_query_answers_in_text_and_json(self):
        self.expect(OK, "invoke", "module-loop-broken", "--cold")
        self.expect(FAILED, "invoke", "module-loop-broken")
        for arguments, key in [
            (["functions"], "functions"),
            (["functions", "show", "asyncio-run"], "functions"),
            (["history"], "invocations"),
            (["loops"], "loops"),
            (["loops", "--open"], "loops"),
            (["loops", "--leaked"], "loops"),
            (["findings"], "findings"),
            (["alerts"], "alerts"),
            (["status"], None),
            (["doctor"], None),
            (["explain", "closed-loop-reuse"], None),
            (["recheck"], "summary"),
        ]:
            with self.subTest(arguments):
                text = self.expect(OK, *arguments).stdout
                self.assertTrue(text.strip())
                self.assertNotIn("\x1b", text)
                answer = self.daemon.json(*arguments)
                if key:
                    self.assertIn(key, answer)

    def test_history_is_narrowed_by_each_filter(self):
        self.expect(OK, "invoke", "module-loop-broken", "--cold")
        self.expect(FAILED, "invoke", "module-loop-broken")
        self.expect(OK, "invoke", "async-handler")

        def rows(*filters):
            return self.daemon.json("history", "--limit", "1000", *filters)["invocations"]

        everything = rows()
        for filters, key, value in [
            (["--function", "async-handler"], "function", "async-handler"),
            (["--outcome", "error"], "outcome", "error"),
            (["--cold"], "start", "cold"),
            (["--warm"], "start", "warm"),
        ]:
            with self.subTest(filters):
                self.assertIn(key, everything[0])
                wanted = [row["id"] for row in everything if row[key] == value]
                self.assertTrue(0 < len(wanted) < len(everything))
                self.assertEqual([row["id"] for row in rows(*filters)], wanted)
        self.assertEqual(len(self.daemon.json("history", "--limit", "2")["invocations"]), 2)
        self.assertEqual([row["id"] for row in rows("--since", "1h")], [row["id"] for row in everything])
        self.assertEqual(rows("--until", "1h"), [])
        for wrong in (["--outcome", "fine"], ["--limit", "0"], ["--since", "yesterday-ish"], ["--cold", "--warm"]):
            with self.subTest(wrong):
                self.expect(USAGE, "history", *wrong)

    def test_show_takes_a_prefix_and_tells_the_timeline_in_order(self):
        self.expect(OK, "invoke", "module-loop-broken", "--cold")
        reply = self.daemon.json("invoke", "module-loop-broken", status=FAILED)
        identifier = reply["invocation"]["id"]
        answer = self.daemon.json("show", identifier)
        text = self.expect(OK, "show", identifier[:12]).stdout
        self.assertIn("used-after-close", text)
        self.assertIn("handler.py", text)
        self.assertIn("used-after-close", [each["event"] for each in answer["timeline"]])
        offsets = [each["offsetNs"] for each in answer["timeline"]]
        self.assertEqual(offsets, sorted(offsets))
        self.expect(MISSING, "show", "00000000-dead")
        self.expect(USAGE, "show", "not-an-id!")

    def test_alerts_are_acknowledged_and_resolved_and_open_again(self):
        def alerts(*options):
            return {each["fingerprint"]: each for each in self.daemon.json("alerts", *options)["alerts"]}

        self.expect(OK, "invoke", "poisoned-slot-broken", "--cold")
        (mark,) = [key for key, each in alerts().items() if each["rule"] == "poisoned-slot"]
        count = alerts()[mark]["count"]
        self.expect(OK, "alerts", "ack", mark[:10])
        self.assertNotIn(mark, alerts())
        self.expect(OK, "invoke", "poisoned-slot-broken", "--cold")
        self.assertNotIn(mark, alerts())
        self.expect(OK, "alerts", "resolve", mark)
        self.expect(OK, "invoke", "poisoned-slot-broken", "--cold")
        self.assertEqual((alerts()[mark]["state"], alerts()[mark]["count"]), ("open", count + 2))
        self.expect(MISSING, "alerts", "ack", "0123456789abcdef0123456789abcdef")

    def test_recheck_derives_the_same_findings_again(self):
        self.expect(OK, "invoke", "poisoned-slot-broken", "--cold")
        before = self.daemon.json("findings", "--limit", "1000")["findings"]
        self.daemon.json("recheck")
        after = self.daemon.json("findings", "--limit", "1000")["findings"]
        key = lambda finding: (finding["environment"], finding["fingerprint"], str(finding["invocation"]))  # noqa: E731
        self.assertEqual(sorted(before, key=key), sorted(after, key=key))

    def test_explain(self):
        for rule in ("closed-loop-reuse", "leaked-loop", "poisoned-slot", "module-scope-loop"):
            with self.subTest(rule):
                text = self.expect(OK, "explain", rule).stdout
                self.assertIn("asyncio", text)
                self.assertIn(rule, text)
        done = self.expect(MISSING, "explain", "closed-loop-resue")
        self.assertIn("closed-loop-reuse", done.stderr)

    # functions

    def test_a_bare_file_is_added_shown_invoked_and_removed(self):
        file = self.scratch / "my.handler.py"
        file.write_text("async def handler(event, context):\n    return context.function_name\n")
        file = file.rename(self.scratch / "single.py")
        self.expect(OK, "functions", "add", file)
        self.assertIn("single", self.expect(OK, "functions").stdout)
        self.assertEqual(json.loads(self.expect(OK, "invoke", "single").stdout), "single")
        self.expect(OK, "functions", "remove", "single")
        self.expect(MISSING, "invoke", "single")
        self.expect(MISSING, "functions", "remove", "single")
        self.expect(MISSING, "functions", "show", "single")

    def test_wrong_plugins_are_told_with_file_line_and_key(self):
        root = harness.write_plugin(self.scratch, "wrong", "", host="bear", timeot=3)
        done = self.expect(CONFIGURATION, "functions", "add", root)
        self.assertRegex(done.stderr, r"wrong/plugin\.yaml:3: host: expected .*bare")
        self.assertRegex(done.stderr, r"wrong/plugin\.yaml:4: timeot: unknown key.*timeout")
        empty = self.scratch / "empty"
        empty.mkdir()
        self.assertIn("plugin.yaml", self.expect(CONFIGURATION, "functions", "add", empty).stderr)
        self.assertIn("/no/such", self.expect(MISSING, "functions", "add", "/no/such").stderr)

    def test_a_full_queue_is_said_at_once(self):
        harness.write_plugin(
            self.scratch, "narrow", "import time\ndef handler(event, context): time.sleep(2)", concurrency=1, queue=0
        )
        self.expect(OK, "functions", "add", self.scratch / "narrow")
        first = subprocess.Popen(
            [harness.BINARY, "--socket", self.daemon.socket, "invoke", "narrow"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            harness.wait_until(lambda: self.daemon.rows("SELECT 1 FROM invocation WHERE outcome IS NULL"), "it runs")
            done = self.expect(TEMPORARY, "invoke", "narrow")
            self.assertIn("narrow", done.stderr)
        finally:
            self.assertEqual(first.wait(harness.PATIENCE), OK)
            self.expect(OK, "functions", "remove", "narrow")

    # manners

    def test_colour_is_for_terminals_only_and_not_with_no_color(self):
        self.expect(OK, "invoke", "asyncio-run")
        self.assertNotIn("\x1b", self.expect(OK, "history").stdout)
        self.assertIn(b"\x1b[", self._on_terminal("history"))
        self.assertNotIn(b"\x1b[", self._on_terminal("history", NO_COLOR="1"))

    def test_a_reader_that_goes_away_is_no_crash(self):
        for _ in range(5):
            self.expect(OK, "invoke", "asyncio-run")
        reader, writer = os.pipe()
        os.close(reader)
        environment = dict(os.environ, LOOPWARDEN_SOCKET=str(self.daemon.socket))
        done = subprocess.run([harness.BINARY, "history"], stdout=writer, stderr=subprocess.PIPE, env=environment)
        os.close(writer)
        self.assertIn(done.returncode, (OK, -13, 74))
        self.assertNotIn(b"Fatal", done.stderr)

    def test_help_and_version(self):
        text = self.expect(OK, "--help").stdout
        for word in "daemon invoke functions history show loops findings alerts explain recheck status doctor".split():
            self.assertIn(word, text)
        self.assertRegex(self.expect(OK, "--version").stdout, r"\d+\.\d+")

    def test_curl_reaches_the_same_api(self):
        try:
            done = subprocess.run(
                [
                    "curl",
                    "-sS",
                    "--unix-socket",
                    self.daemon.socket,
                    "-d",
                    '{"numbers": [3]}',
                    "http://loopwarden/v1/functions/asyncio-run/invocations",
                ],
                check=True,
                stdout=subprocess.PIPE,
            )
        except FileNotFoundError:
            self.skipTest("curl is not installed")
        self.assertEqual(json.loads(done.stdout)["result"], {"squares": [9]})

    def test_wrong_requests_are_answered_in_the_form_of_the_api(self):
        with self.daemon.connect() as connection:
            for method, path, body, status in [
                ("GET", "/v1/nothing", None, 404),
                ("DELETE", "/v1/status", None, 405),
                ("GET", "/v1/invocations?limit=x", None, 400),
                ("POST", "/v1/functions/no-such/invocations", "{}", 404),
                ("POST", "/v1/functions/asyncio-run/invocations", "{", 400),
                ("POST", "/v1/functions", "{}", 400),
                ("GET", "/v1/invocations?unknown=1", None, 200),
            ]:
                with self.subTest((method, path)):
                    got, answer = connection.ask(method, path, body)
                    self.assertEqual(got, status, answer)
                    if status != 200:
                        self.assertEqual(set(answer["error"]), {"code", "message", "hint"})

    def _on_terminal(self, *arguments, **variables):
        """What a command prints on a terminal."""
        leader, follower = pty.openpty()
        clean = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
        clean.update(variables, LOOPWARDEN_SOCKET=str(self.daemon.socket), TERM="xterm-256color")
        process = subprocess.Popen(
            [harness.BINARY, *arguments], stdin=follower, stdout=follower, stderr=follower, env=clean
        )
        os.close(follower)
        printed = b""
        while select.select([leader], [], [], harness.PATIENCE)[0]:
            try:
                printed += os.read(leader, 65536)
            except OSError:  # EIO: the other end is closed
                break
        self.assertEqual(process.wait(harness.PATIENCE), 0, printed)
        os.close(leader)
        return printed


if __name__ == "__main__":
    unittest.main()
