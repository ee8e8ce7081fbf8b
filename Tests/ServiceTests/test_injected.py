"""What is told of invocations that were made to fail: what they leave behind, and not that they have failed."""

import json
import pathlib
import unittest

import harness

CLEAN = pathlib.Path(__file__).resolve().parent / "clean"

#: Handlers of clean/ that wait, in many ways, and clear away whatever happens.
CAREFUL = (
    "as_completed async_handler background_awaited cancel_and_suppress cancel_cleans_up errors_in_tasks_caught"
    " executor_default gather_first_error lock_per_loop queue_workers raw_sockets shield signal_handlers"
    " streams_half_closed wait_first_completed wait_for_late"
).split()

#: Handlers of clean/ that are right as long as nothing fails, with what they leave behind then.
CARELESS = {"unix_streams": "unclosed-resource", "subprocess_async": "leaked-subprocess"}

#: As careless, on a loop that stays.
LOCKS = """
import asyncio

lock = asyncio.Lock()


async def handler(event, context):
    await lock.acquire()
    await asyncio.sleep(0.01)
    lock.release()
"""
LEAVES_TASKS = """
import asyncio


async def audit():
    await asyncio.sleep(0.05)


async def handler(event, context):
    task = asyncio.ensure_future(audit())
    await asyncio.sleep(0.01)
    await task
"""
SWALLOWS = """
import asyncio


async def handler(event, context):
    for _ in range(3):
        try:
            await asyncio.sleep(0.01)
        except asyncio.CancelledError:
            pass
"""
FIXED = """
import asyncio

lock = asyncio.Lock()


async def handler(event, context):
    async with lock:
        await asyncio.sleep(0.01)
"""


class InjectedTests(harness.CheckTestCase):
    patience = 10 * harness.PATIENCE

    def report(self, *arguments):
        done = self.check("--json", "--schedule", "after-exception,after-cancellation", *arguments)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return json.loads(done.stdout)

    def found(self, report):
        """The rules that have found something, by function."""
        return {each["function"]: each["rule"] for each in report["findings"] if each["severity"] != "info"}

    def applied(self, report):
        """The functions to which something was really done."""
        return {run["function"] for run in report["runs"] for step in run["steps"] if step["applied"]}

    def check_one(self, text, *arguments):
        return self.report(self.write(text), *arguments)

    def cells(self):
        """The newest Python with both kinds of loops, and the oldest."""
        pythons = sorted(harness.pythons(), key=lambda each: each.key)
        yield pythons[0], "asyncio"
        yield pythons[-1], "asyncio"
        if pythons[-1].has_uvloop:
            yield pythons[-1], "uvloop"

    def test_nothing_is_told_of_handlers_that_clear_away(self):
        for python, loop in self.cells():
            with self.subTest(python=python.version, loop=loop):
                paths = [CLEAN / (name + ".py") for name in CAREFUL]
                report = self.report(*paths, "--host", "bare", "--python", python.path, "--loop", loop)
                self.assertEqual((report["verdict"], self.found(report)), ("clean", {}))
                self.assertEqual(self.applied(report), set(CAREFUL))

    def test_what_is_left_behind_is_told(self):
        for python, loop in self.cells():
            with self.subTest(python=python.version, loop=loop):
                paths = [CLEAN / (name + ".py") for name in CARELESS]
                report = self.report(*paths, "--host", "bare", "--python", python.path, "--loop", loop)
                found = self.found(report)
                self.assertLessEqual(found.items(), CARELESS.items())
                # Whether a child that ends at once is met alive is for the system to decide.
                self.assertIn("unix_streams", found)

    def test_what_fails_afterwards_is_told(self):
        report = self.check_one(LOCKS, "--host", "kept")
        failed = [each["errorType"] for run in report["runs"] for each in run["invocations"]]
        self.assertIn("Sandbox.Timedout", failed)
        report = self.check_one(FIXED, "--host", "kept")
        self.assertEqual((report["verdict"], self.applied(report)), ("clean", {"orders"}))

    def test_tasks_that_go_on_are_told(self):
        report = self.check_one(LEAVES_TASKS, "--host", "kept")
        self.assertEqual(self.found(report), {"orders": "fire-and-forget"})
        # Where the host's loop ends with the invocation they do, too.
        report = self.check_one(LEAVES_TASKS, "--host", "per-invocation")
        self.assertEqual((report["verdict"], self.applied(report)), ("clean", {"orders"}))

    def test_a_cancellation_that_is_swallowed_is_told(self):
        report = self.check_one(SWALLOWS)
        self.assertEqual(self.found(report), {"orders": "swallowed-cancel"})


if __name__ == "__main__":
    unittest.main()
