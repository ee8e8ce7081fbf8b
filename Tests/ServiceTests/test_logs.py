"""Logs as on AWS Lambda, in text and in JSON: what is kept of an invocation, and `loopwarden logs`, as it comes too."""

import contextlib
import http.server
import json
import os
import re
import signal
import subprocess
import threading
import time
import unittest

import harness

HANDLER = """
import logging
import os
import threading
import time

print("importing")
logging.getLogger().setLevel("INFO")


def handler(event, context):
    what = event.get("do")
    logging.info("doing %s", what)
    print("printed\\nin two lines")
    if what == "raise":
        raise KeyError("item")
    if what == "exit":
        os._exit(127)
    if what == "hang":
        time.sleep(60)
    if what == "background":
        threading.Timer(0.2, print, ["in the background"]).start()
    if what == "tick":
        for number in range(event["times"]):
            print("tick", number)
            time.sleep(event["pause"])
    if what == "flood":
        for number in range(20_000):
            print("line", number)
"""
#: Everything that a handler can say with `logging`, to be held against the real client's words.
SAYS = """
import logging

logging.warning("at import")
log = logging.getLogger("orders.items")
log.setLevel(logging.DEBUG)


def handler(event, context):
    log.debug("debug %s", {"a": 1})
    log.info("with extras", extra={"customer": "a", "number": 7, "odd": object})
    log.log(25, "between two levels")
    log.warning({"message": "an object", "é": "ü"})
    logging.critical("two\\nlines")
    try:
        int("x")
    except ValueError:
        logging.exception("caught %d", 1)
    logging.error("with a stack", exc_info=True)
    try:
        logging.error("%d", "no number")
    except TypeError:
        print("formatting raised")
    logging.info("", extra={"nothing": None})
"""
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


class LogCase(harness.ServiceTestCase):
    SOURCE = HANDLER
    MANIFEST = "timeout: 1\nhost: bare\n"
    SETTINGS = ""

    def setUp(self):
        super().setUp()
        folder = self.scratch / "orders"
        folder.mkdir()
        (folder / "handler.py").write_text(self.SOURCE)
        (folder / "plugin.yaml").write_text("handler: handler.handler\n" + self.MANIFEST)
        self.daemon = harness.Daemon(plugins=[folder], settings=self.SETTINGS).start()
        self.addCleanup(self.daemon.__exit__)

    def invoke(self, what=None, cold=False, **event):
        with contextlib.closing(harness.Connection(self.daemon.socket)) as line:
            return line.invoke("orders", dict(event, do=what), cold=cold)["invocation"]

    def lines(self, *arguments):
        done = self.daemon.run("logs", "orders", "--json", "--limit", "10000", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def texts(self, *arguments):
        return [line["text"] for line in self.lines(*arguments)]

    def assertLines(self, found, *expected):
        self.assertEqual(len(found), len(expected), "\n".join(found))
        for line, pattern in zip(found, expected):
            self.assertRegex(line, "^{}$".format(pattern))


class InitTests(LogCase):
    MANIFEST = "timeout: 5\nhost: aws-lambda\n"
    SOURCE = 'print("loading")\nimport nothing_there\n'

    def test_a_handler_that_cannot_be_loaded_is_told_twice_before_its_invocation(self):
        refused = self.invoke()
        attempt = r"INIT_REPORT Init Duration: \d+\.\d\d ms\tPhase: {}\tStatus: error\tError Type: {}"
        kind = r"Runtime\.ImportModuleError"
        words = r"\[ERROR\] {}: Unable to import module 'handler': No module named 'nothing_there'\r.*".format(kind)
        self.assertLines(
            self.texts(),
            "INIT_START .*",
            "loading",
            words,
            attempt.format("init", kind),
            "loading",
            words,
            attempt.format("invoke", kind),
            r"START RequestId: {} Version: \$LATEST".format(refused["id"]),
            "END RequestId: " + refused["id"],
            r"REPORT RequestId: .*\tStatus: error\tError Type: {}".format(kind),
        )


class TextTests(LogCase):
    def test_cold_and_warm(self):
        cold, warm = self.invoke(), self.invoke()
        self.assertLines(
            self.texts(),
            r"INIT_START Runtime Version: python:3\.\d+\.v\d+\tRuntime Version ARN: "
            r"arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}",
            "importing",
            r"START RequestId: {} Version: \$LATEST".format(cold["id"]),
            r"\[INFO\]\t{}\t{}\tdoing None".format(TIME, cold["id"]),
            "printed",
            "in two lines",
            "END RequestId: " + cold["id"],
            r"REPORT RequestId: {}\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\t"
            r"Max Memory Used: \d+ MB\tInit Duration: \d+\.\d\d ms".format(cold["id"]),
            r"START RequestId: {} Version: \$LATEST".format(warm["id"]),
            r"\[INFO\]\t{}\t{}\tdoing None".format(TIME, warm["id"]),
            "printed",
            "in two lines",
            "END RequestId: " + warm["id"],
            r"REPORT RequestId: {}\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\t"
            r"Max Memory Used: \d+ MB".format(warm["id"]),
        )
        times = [line["at"] for line in self.lines()]
        self.assertEqual(times, sorted(times))
        line = self.lines("--invocation", warm["id"][:8])[0]
        self.assertEqual((line["invocation"], line["environment"]), (warm["id"], warm["environment"]))
        self.assertEqual(line["group"], "/aws/lambda/orders")
        self.assertRegex(line["stream"], r"^\d{4}/\d\d/\d\d/\[\$LATEST\]" + warm["environment"] + "$")

    def test_errors_exits_and_timeouts(self):
        self.invoke()
        raised, gone, late = self.invoke("raise"), self.invoke("exit"), self.invoke("hang")
        found = self.texts("--invocation", raised["id"])
        self.assertIn("[ERROR] KeyError: 'item'\rTraceback (most recent call last):\r", "\n".join(found))
        self.assertNotIn("Status", found[-1])
        message = "RequestId: {} Error: Runtime exited with error: exit status 127".format(gone["id"])
        found = self.texts("--invocation", gone["id"])
        self.assertEqual(found[-3], message + "\nRuntime.ExitError")
        self.assertTrue(found[-1].endswith("\tStatus: error\tError Type: Runtime.ExitError"), found[-1])
        found = self.texts("--invocation", late["id"])
        self.assertLines(
            found[-3:],
            r"{} {} Task timed out after 1\.00 seconds\n".format(TIME, late["id"]),
            "END RequestId: " + late["id"],
            r"REPORT RequestId: .*\tDuration: 1000\.00 ms\t.*\tStatus: timeout",
        )

    def test_what_runs_in_the_background_belongs_to_its_environment(self):
        first = self.invoke("background")
        time.sleep(0.5)
        # Before the next invocation, and after it, when it is in the history.
        for _ in range(2):
            (line,) = self.lines("--filter", "in the background")
            self.assertEqual((line["invocation"], line["environment"]), (None, first["environment"]))
            self.invoke()
        (line,) = self.lines("--filter", "importing")
        self.assertEqual((line["invocation"], line["environment"]), (None, first["environment"]))

    def test_what_is_narrowed(self):
        first, second = self.invoke(), self.invoke(cold=True)
        self.assertEqual(self.texts("--environment", second["environment"][:8])[0].split()[0], "INIT_START")
        environments = {line["environment"] for line in self.lines("--environment", first["environment"][:8])}
        self.assertEqual(environments, {first["environment"]})
        self.assertEqual([text.split()[0] for text in self.texts("--filter", "REPORT")], ["REPORT"] * 2)
        self.assertEqual(self.texts("--since", "2100-01-01"), [])
        done = self.daemon.run("logs", "orders", "--limit", "1")
        self.assertRegex(done.stdout, r"^{} [0-9a-f]{{8}} REPORT RequestId: .*\n$".format(TIME))

    def test_names_that_are_not_there(self):
        done = self.daemon.run("logs", "order")
        self.assertEqual((done.returncode, done.stdout), (66, ""))
        self.assertIn('There is no function named "order".', done.stderr)
        self.assertEqual(self.daemon.run("logs", "orders", "--limit", "0").returncode, 64)
        self.assertEqual(self.daemon.run("logs", "orders", "--since", "soon").returncode, 64)
        self.assertEqual(self.daemon.run("logs", "orders", "--invocation", "xyz").returncode, 64)

    def test_logs_outlive_the_daemon_and_the_function(self):
        before = self.invoke("raise")
        texts = self.texts()
        self.daemon.stop()
        self.daemon.start()
        self.assertEqual(self.texts()[: len(texts)], texts)
        self.assertEqual(self.daemon.run("functions", "remove", "orders").returncode, 0)
        self.assertEqual({line["invocation"] for line in self.lines()}, {None, before["id"]})


class BoundTests(LogCase):
    MANIFEST = "timeout: 20\nhost: bare\n"
    SETTINGS = "retention: {logKilobytes: 2}\n"

    def test_of_a_flood_the_beginning_and_the_end_are_kept(self):
        flood = self.invoke("flood")
        found = self.texts("--invocation", flood["id"])
        self.assertIn("printed", found)
        self.assertIn("line 19999", found)
        self.assertTrue(any(re.fullmatch(r"\[… \d+ bytes left out …\]", text) for text in found), found)
        self.assertLess(sum(map(len, found)), 4096)


class JSONTests(LogCase):
    MANIFEST = "timeout: 1\nhost: bare\nlogFormat: json\nlogLevel: WARN\nsystemLogLevel: DEBUG\n"

    def test_events(self):
        failed = self.invoke("raise")
        found = [json.loads(text) for text in self.texts() if text.startswith("{")]
        kinds = [line.get("type", line.get("level")) for line in found]
        self.assertEqual(
            kinds, ["platform.initStart", "platform.start", "INFO", "ERROR", "platform.runtimeDone", "platform.report"]
        )
        self.assertEqual((found[3]["errorType"], found[3]["requestId"]), ("KeyError", failed["id"]))
        report = found[-1]["record"]
        self.assertEqual((report["requestId"], report["status"]), (failed["id"], "error"))
        self.assertEqual(report["metrics"]["memorySizeMB"], 128)
        self.assertGreater(report["metrics"]["initDurationMs"], 0)
        self.assertRegex(found[1]["time"], "^{}$".format(TIME))

    def test_a_level_without_json_is_a_mistake(self):
        folder = self.scratch / "wrong"
        folder.mkdir()
        (folder / "handler.py").write_text(HANDLER)
        (folder / "plugin.yaml").write_text("handler: handler.handler\nlogFormat: text\nlogLevel: INFO\n")
        done = self.daemon.run("functions", "add", str(folder))
        self.assertEqual(done.returncode, 78)
        self.assertIn('plugin.yaml:3: logLevel: goes with "logFormat: json" only', done.stderr)


class FollowTests(LogCase):
    MANIFEST = "timeout: 20\nhost: bare\n"

    def follow(self, *arguments):
        process = subprocess.Popen(
            [harness.BINARY, "logs", "orders", "--follow", "--json", "--socket", str(self.daemon.socket), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(self.end, process)
        process.lines = []

        def read():
            for line in process.stdout:
                process.lines.append((time.monotonic(), json.loads(line)["text"]))

        process.reader = threading.Thread(target=read)
        process.reader.start()
        return process

    def end(self, process):
        process.kill()
        process.reader.join()
        process.wait()
        process.stdout.close()
        process.stderr.close()

    def wait_for(self, process, text):
        harness.wait_until(lambda: any(text in line for _, line in process.lines), text)

    def test_lines_are_told_as_they_come_and_each_once(self):
        first = self.invoke()
        process = self.follow("--limit", "1000")
        self.wait_for(process, "REPORT RequestId: " + first["id"])
        second = self.invoke("tick", times=4, pause=0.3)
        self.wait_for(process, "REPORT RequestId: " + second["id"])
        self.invoke("background")
        self.wait_for(process, "in the background")
        third = self.invoke(cold=True)
        self.wait_for(process, "REPORT RequestId: " + third["id"])
        told = [line for _, line in process.lines]
        self.assertEqual(told, self.texts())
        # Before the invocation has ended.
        ticks = [at for at, line in process.lines if line.startswith("tick")]
        self.assertGreater(ticks[-1] - ticks[0], 0.5)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(harness.PATIENCE), 130)
        self.assertEqual(process.stderr.read(), "")

    def test_the_end_of_the_daemon_is_told(self):
        process = self.follow()
        first = self.invoke()
        self.wait_for(process, "REPORT RequestId: " + first["id"])
        began = time.monotonic()
        self.daemon.stop()
        self.assertLess(time.monotonic() - began, 15, "who follows holds up the daemon")
        self.daemon.start()
        self.assertEqual(process.wait(harness.PATIENCE), 69)
        self.assertIn("The daemon has ended, and so has its log.", process.stderr.read())

    def test_who_follows_too_slowly_or_is_gone_holds_nobody_up(self):
        process = self.follow()
        self.wait_for_position()
        process.send_signal(signal.SIGSTOP)
        for _ in range(5):
            self.invoke("flood")
        process.send_signal(signal.SIGCONT)
        last = self.invoke()
        self.wait_for(process, "REPORT RequestId: " + last["id"])
        # What is not told line by line is said.
        self.assertTrue(any("bytes left out" in line for _, line in process.lines))
        self.end(process)
        self.assertEqual(self.invoke()["outcome"], "ok")

    def wait_for_position(self):
        """Whoever asks before anything is logged gets what comes then."""
        self.invoke()
        time.sleep(0.5)

    def test_positions_of_another_daemon_are_refused(self):
        with contextlib.closing(harness.Connection(self.daemon.socket)) as line:
            position = line.ask("GET", "/v1/logs?follow=true")[1]["stream"]["position"]
            status, reply = line.ask("GET", "/v1/logs?wait=0&after=" + position)
            self.assertEqual((status, reply["lines"]), (200, []))
            status, reply = line.ask("GET", "/v1/logs?wait=0&after=00000000-7")
            self.assertEqual((status, reply["error"]["code"]), (410, "position-lost"))


class Api(http.server.BaseHTTPRequestHandler):
    """The Runtime API for one invocation of the real client."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_GET(self):
        if self.server.is_done:
            self.close_connection = True
            return
        self.answer(
            200, {"Lambda-Runtime-Aws-Request-Id": "the-request", "Lambda-Runtime-Deadline-Ms": "9999999999999"}
        )

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.is_done = True
        self.answer(202, {})

    def answer(self, status, headers):
        self.send_response(status)
        for name, value in dict(headers, **{"Content-Length": "2", "Content-Type": "application/json"}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


class RealClientTests(harness.ServiceTestCase):
    """Held against what the published awslambdaric writes for the same handler."""

    def setUp(self):
        super().setUp()
        self.python = next((each for each in reversed(harness.pythons()) if each.has("awslambdaric")), None)
        if self.python is None:
            self.skipTest("no interpreter has awslambdaric")
        self.folder = self.scratch / "says"
        self.folder.mkdir()
        (self.folder / "handler.py").write_text(SAYS)

    def real(self, **variables):
        with http.server.HTTPServer(("127.0.0.1", 0), Api) as server:
            server.is_done = False
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            environment = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
            environment.update(
                variables,
                AWS_LAMBDA_RUNTIME_API="127.0.0.1:{}".format(server.server_port),
                _HANDLER="handler.handler",
                TZ=":UTC",
                PYTHONPATH=str(self.folder),
            )
            done = subprocess.run(
                [self.python.path, "-B", "-u", "-m", "awslambdaric", "handler.handler"],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                text=True,
                timeout=harness.PATIENCE,
            )
            server.shutdown()
            thread.join()
        # Its complaint that there is nothing more to do is not the handler's.
        return [line for line in done.stdout.splitlines() if "LAMBDA_RUNTIME" not in line]

    def ours(self, lines):
        (self.folder / "plugin.yaml").write_text(
            "handler: handler.handler\nhost: bare\npython: {}\n{}".format(self.python.path, lines)
        )
        with harness.Daemon(plugins=[self.folder]) as daemon:
            with contextlib.closing(harness.Connection(daemon.socket)) as line:
                line.invoke("says", {})
            found = daemon.run("logs", "--json").stdout.splitlines()
        lines = [json.loads(line) for line in found]
        return [line["text"] for line in lines if line["source"] == "function"]

    def plain(self, lines):
        text = "\n".join(lines)
        text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z", "<time>", text)
        return re.sub("the-request|" + UUID, "<request>", text).splitlines()

    def test_text(self):
        real = self.plain(self.real())
        self.assertGreater(len(real), 10, real)
        self.assertEqual(self.plain(self.ours("")), real)

    def test_json(self):
        real = self.plain(self.real(AWS_LAMBDA_LOG_FORMAT="JSON", AWS_LAMBDA_LOG_LEVEL="DEBUG"))
        self.assertGreater(len(real), 7, real)
        ours = self.plain(self.ours("logFormat: json\nlogLevel: DEBUG\n"))
        self.assertEqual(list(map(self.parsed, ours)), list(map(self.parsed, real)))
        # And in the same order, where there is no error between.
        self.assertEqual(ours[0], real[0])

    def parsed(self, line):
        """A line's object, without the frames of the client's own that follow the handler's."""
        if not line.startswith("{"):
            return line
        found = json.loads(line)
        if "stackTrace" in found:
            found["stackTrace"] = [frame for frame in found["stackTrace"] if "awslambdaric" not in frame]
        return found


if __name__ == "__main__":
    unittest.main()
