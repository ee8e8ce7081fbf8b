"""The lives that `loopwarden check` leads environments through: what fails in one only, its shortest, its replay."""

import json
import shlex
import subprocess
import unittest

import harness

WAITS = """
import asyncio


async def handler(event, context):
    await asyncio.sleep(0.001)
    await asyncio.sleep(0.001)
    return event
"""
NEVER_WAITS = "def handler(event, context):\n    return event\n"
#: What an exception leaves behind.
LEAVES_CLOSED = """
import asyncio

client = {"open": True}


async def work():
    try:
        await asyncio.sleep(0.001)
    except (OSError, EXTRA):
        client["open"] = False
        raise


async def handler(event, context):
    if not client["open"]:
        raise RuntimeError("the client is closed")
    await work()
"""
#: The same, but only for the second of its waits.
LEAVES_SECOND = """
import asyncio

client = {"open": True}


async def handler(event, context):
    if not client["open"]:
        raise RuntimeError("the client is closed")
    await asyncio.sleep(0.001)
    try:
        await asyncio.sleep(0.001)
    except OSError:
        client["open"] = False
"""
CANCELLED = """
import asyncio

state = {"busy": False}


async def handler(event, context):
    if state["busy"]:
        raise RuntimeError("still busy")
    state["busy"] = True
    try:
        await asyncio.sleep(0.001)
    except OSError:
        pass
    state["busy"] = False
"""
LOCKS = """
import asyncio
import os
import tempfile

LOCK = os.path.join(tempfile.gettempdir(), "orders.lock")


async def handler(event, context):
    os.close(os.open(LOCK, os.O_CREAT | os.O_EXCL))
    try:
        await asyncio.sleep(0.001)
    finally:
        os.remove(LOCK)
"""
CACHES = """
import time

valid_until = time.monotonic() + 300


def handler(event, context):
    if time.monotonic() > valid_until:
        raise PermissionError("the token has expired")
"""
LEASES = """
import time

last = time.monotonic()


def handler(event, context):
    global last
    gap, last = time.monotonic() - last, time.monotonic()
    if gap > 1.5:
        raise ConnectionError("the lease is lost")
"""
BINDS = """
import socket

server = socket.socket(socket.AF_UNIX)
server.bind("\\0loopwarden-test-NAME")


def handler(event, context):
    return "served"
"""
ENDS_BADLY = """
import asyncio
import signal
import sys

loop = asyncio.new_event_loop()
loop.close()


def stop(signum, frame):
    loop.call_soon(print)
    sys.exit(0)


signal.signal(signal.SIGTERM, stop)


def handler(event, context):
    return event
"""
ENDS_WELL = ENDS_BADLY.replace("    loop.call_soon(print)\n", "")
IGNORES = "import signal\n\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + NEVER_WAITS
FAILS_THIRD = "calls = []\n\n\ndef handler(event, context):\n    calls.append(1)\n    return 1 / (3 - len(calls))\n"
FLAKY = """
import pathlib

mark = pathlib.Path(__file__).with_name("mark")


def handler(event, context):
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return "well"
    raise RuntimeError("once")
"""
COUNTS = """
def handler(event, context):
    seen.append(event["n"])
    if seen[-1] == 7 and 3 in seen:
        raise RuntimeError("seven after three")


seen = []
"""


class ScheduleTests(harness.CheckTestCase):
    patience = 2 * harness.PATIENCE

    def run_command(self, command, **options):
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            cwd=self.scratch,
            env=self.environment(),
            timeout=self.patience,
            **options,
        )

    def report(self, *arguments):
        done = self.check(*arguments, "--json")
        self.assertEqual(done.stderr, "")
        return done.returncode, json.loads(done.stdout)

    def failing(self, report):
        """The schedules in which something failed, with the errors."""
        return {run["schedule"]: self.error(run) for run in report["runs"] if self.error(run)}

    def error(self, run):
        """The first error of a run that was not brought about on purpose."""
        excused = {each for step in run["steps"] if step["applied"] for each in step["invocations"]}
        for each in run["invocations"]:
            if each["outcome"] != "ok" and each["ordinal"] not in excused:
                return "{}: {}".format(each["errorType"], each["errorMessage"])
        failure = run.get("shutdownFailure")
        return failure and "{}: {}".format(failure["errorType"], failure["errorMessage"])

    def assertOnly(self, schedule, error, shortest, text, *arguments):
        """The handler fails in one schedule only, whose shortest life shows it each time."""
        status, report = self.report(self.write(text), *arguments)
        self.assertEqual(self.failing(report), {schedule: error}, report["runs"])
        self.assertEqual((status, report["verdict"]), (1, "findings"))
        (run,) = (run for run in report["runs"] if run["schedule"] == schedule)
        reproduction = run["reproduction"]
        self.assertEqual((reproduction["shortest"], reproduction["isShortest"]), (shortest, True))
        words = shlex.split(reproduction["command"])
        self.assertEqual(words[:2], ["loopwarden", "check"])
        again, replayed = self.report(*words[2:])
        self.assertEqual(again, 1)
        self.assertEqual(self.failing(replayed), {shortest: error})
        return report

    def test_a_clean_handler_is_clean_in_every_life(self):
        status, report = self.report(self.write(WAITS))
        self.assertEqual((status, self.failing(report), report["findings"]), (0, {}, []), report)
        self.assertEqual([run["obstacle"] for run in report["runs"]], [None] * 8)
        lives = {run["schedule"]: run for run in report["runs"]}
        self.assertEqual([each["applied"] for each in lives["after-exception"]["steps"]][1::2], [True, True, False])
        self.assertEqual([each["applied"] for each in lives["after-cancellation"]["steps"]][1::2], [True, True])
        self.assertEqual(
            [(each["start"], each["outcome"]) for each in lives["after-timeout"]["invocations"]],
            [("cold", "ok"), ("warm", "timeout"), ("cold", "ok"), ("warm", "ok")],
        )
        self.assertEqual([each["start"] for each in lives["parallel"]["invocations"]].count("cold"), 2)
        done = self.check("orders.py")
        self.assertRegex(done.stdout, r"asyncio +all 8 +pass\n\nClean: nothing found in 8 lives, \d+ invocations\.\n\Z")

    def test_what_cannot_be_done_to_a_handler_is_told_and_is_no_failure(self):
        status, report = self.report(self.write(NEVER_WAITS))
        self.assertEqual((status, report["verdict"]), (0, "clean"))
        obstacles = {run["schedule"]: run["obstacle"] for run in report["runs"] if run["obstacle"]}
        self.assertEqual(set(obstacles), {"after-exception", "after-cancellation"})
        self.assertEqual(set(obstacles.values()), {"it never waits"})
        done = self.check("orders.py")
        self.assertRegex(done.stdout, r"6 of 8 +pass\n\nNot run: after-exception, after-cancellation: it never waits\.")
        for python in harness.pythons():
            if python.has_uvloop:
                done = self.check(self.write(WAITS), "--python", python.path, "--loop", "uvloop")
                self.assertEqual(done.returncode, 0, done.stdout)
                self.assertIn("Not run: after-idle: uvloop's clock cannot be put forward.", done.stdout)
                break

    def test_only_after_an_exception(self):
        error = "RuntimeError: the client is closed"
        text = LEAVES_CLOSED.replace(", EXTRA", "")
        self.assertOnly("after-exception", error, "cold, exception@1, warm", text)
        self.assertOnly("after-exception", error, "cold, exception@2, warm", LEAVES_SECOND)
        done = self.check(self.write(text))
        for part in (
            "warm after exception@1: " + error,
            "7 others",
            "shortest  cold, exception@1, warm: after invocation 1 was made to fail where it first waited, at "
            "orders.py:9",
            'replay    loopwarden check orders.py --schedule "cold, exception@1, warm"',
        ):
            self.assertIn(part, done.stdout)

    def test_only_after_a_cancellation(self):
        self.assertOnly("after-cancellation", "RuntimeError: still busy", "cold, cancel@1, warm", CANCELLED)

    def test_only_after_a_timeout(self):
        status, report = self.report(self.write(LOCKS))
        self.assertEqual(list(self.failing(report)), ["after-timeout"], report["runs"])
        (run,) = (run for run in report["runs"] if run["schedule"] == "after-timeout")
        self.assertEqual((status, run["reproduction"]["shortest"]), (1, "cold, timeout, cold"))
        _, replayed = self.report("orders.py", "--schedule", "cold, timeout, warm")
        self.assertTrue(self.error(replayed["runs"][0]).startswith("FileExistsError: "))

    def test_only_after_time_has_passed(self):
        self.assertOnly("after-idle", "PermissionError: the token has expired", "cold, idle, warm", CACHES)
        steps = "cold, freeze=2s, warm"
        self.assertOnly(
            steps, "ConnectionError: the lease is lost", steps, LEASES, "--schedule", "warm", "--schedule", steps
        )

    def test_only_with_two_environments_at_once(self):
        text = BINDS.replace("NAME", self.scratch.name)
        self.assertOnly("parallel", "OSError: [Errno 98] Address already in use", "cold, parallel", text)

    def test_only_at_shutdown(self):
        report = self.assertOnly("shutdown", "RuntimeError: Event loop is closed", "cold, shutdown", ENDS_BADLY)
        del report
        for text in (ENDS_WELL, IGNORES):
            status, report = self.report(self.write(text))
            self.assertEqual((status, self.failing(report)), (0, {}), report["runs"])

    def test_what_every_life_shows_is_told_once(self):
        done = self.check(self.write(FAILS_THIRD))
        self.assertEqual(done.returncode, 1)
        self.assertIn("warm 2: ZeroDivisionError: division by zero", done.stdout)
        self.assertRegex(done.stdout, r"warm, parallel +fail +warm 2: Zero")
        self.assertEqual(done.stdout.count("replay "), 1)
        self.assertIn('--schedule "cold, warm×2"', done.stdout)
        self.assertIn("The shortest life that shows it: cold, warm×2.", done.stdout)

    def test_what_fails_cold_is_led_once(self):
        status, report = self.report(self.write("def handler(event, context):\n    return event['id']\n"))
        self.assertEqual((status, report["verdict"]), (2, "fails-cold"))
        self.assertEqual([run["obstacle"] for run in report["runs"]], [None] + ["it fails cold"] * 7)

    def test_what_does_not_come_back_is_told_as_such(self):
        status, report = self.report(self.write(FLAKY), "--schedule", "cold, warm")
        self.assertEqual(status, 2)
        self.assertEqual(report["runs"][0]["reproduction"]["unsteady"]["shown"], 1)
        (self.scratch / "mark").unlink()
        self.assertIn("not every time: in 1 of ", self.check("orders.py", "--schedule", "cold, warm").stdout)

    def test_given_events_are_reduced_to_those_that_matter(self):
        self.write(COUNTS)
        names = []
        for index in range(12):
            names.append(self.write(json.dumps({"n": index}), "e{}.json".format(index)))
        _, report = self.report("orders.py", "--events", *names)
        (run,) = report["runs"]
        self.assertEqual((run["schedule"], run["reproduction"]["shortest"]), ("given", "cold#1, warm#4, warm#8"))
        again, replayed = self.report(*shlex.split(run["reproduction"]["command"])[2:])
        self.assertEqual((again, self.error(replayed["runs"][0])), (1, "RuntimeError: seven after three"))

    def test_schedules_that_are_not_understood(self):
        name = self.write(WAITS)
        for text, parts in (
            ("after-expection", ["no schedule", "after-exception"]),
            ("cold, expection@1", ['no step "expection"', "exception@1"]),
            ("warm, freeze", ["begin with cold"]),
            ("given", ["--events"]),
        ):
            done = self.check(name, "--schedule", text)
            self.assertEqual(done.returncode, 64)
            for part in parts:
                self.assertIn(part, done.stderr)

    def test_the_handler_is_told_its_own_name(self):
        text = "import os\n\n\ndef handler(event, context):\n    name = os.environ['AWS_LAMBDA_FUNCTION_NAME']\n"
        text += "    assert name == context.function_name == 'orders', name\n"
        text += "    assert context.invoked_function_arn.endswith(':orders'), context.invoked_function_arn\n"
        done = self.check(self.write(text), "--schedule", "warm")
        self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    unittest.main()
