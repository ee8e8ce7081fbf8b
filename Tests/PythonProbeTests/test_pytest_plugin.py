"""Suites of tests: what the worker does with pytest, for which a small module stands in, and what the probe does."""

import asyncio
import collections
import json
import textwrap
import threading
import unittest

from watching import Watch, watching  # first: it makes the sources importable

from fake_daemon import INIT_ERROR, READY, FakeDaemon  # isort: skip
from loopwarden_probe.suite import Suite, TestOutcome, mark_hooks  # isort: skip

#: As much of pytest as the worker touches: it collects app.py's functions, calls hooks, and has reports.
PYTEST = """
import collections
import sys
import traceback
from types import SimpleNamespace

Report = collections.namedtuple("Report", "outcome when longreprtext sections nodeid")


class Interrupted(KeyboardInterrupt):
    pass


def hookimpl(**options):
    return lambda function: function


def _call(plugins, name, **arguments):
    return [getattr(each, name)(**arguments) for each in plugins if hasattr(each, name)]


class Item:
    def __init__(self, function, plugins):
        self.nodeid = "app.py::" + function.__name__
        self.function = function
        self.plugins = plugins
        self.config = SimpleNamespace(hook=SimpleNamespace(pytest_runtest_protocol=self.run))

    def run(self, item, nextitem):
        outcome, text = "passed", ""
        try:
            self.function()
        except Exception as error:
            outcome, text = "failed", traceback.format_exc()
            call = SimpleNamespace(excinfo=SimpleNamespace(value=error))
            _call(self.plugins, "pytest_exception_interact", node=self, call=call, report=None)
        _call(self.plugins, "pytest_runtest_logreport", report=Report(outcome, "call", text, [], self.nodeid))


def main(arguments, plugins):
    if arguments == ["wrong"]:
        return 4
    try:
        import app
    except ImportError:
        report = Report("failed", "collect", traceback.format_exc(), [], "app.py")
        _call(plugins, "pytest_collectreport", report=report)
        return 2
    items = [Item(each, plugins) for name, each in vars(app).items() if name in arguments]
    option = SimpleNamespace(continue_on_collection_errors=False, collectonly=False)
    session = SimpleNamespace(
        items=items, testsfailed=0, shouldfail=False, shouldstop=False, Interrupted=Interrupted,
        config=SimpleNamespace(option=option, rootdir=sys.path[0]),
    )
    try:
        _call(plugins, "pytest_runtestloop", session=session)
    except KeyboardInterrupt:
        return 2
    getattr(app, "session_is_over", int)()
    return 0 if items else 5
"""
APP = """
import asyncio
import gc

gc.disable()  # a garbage collection that happens to come is not what is tested


def session_is_over():
    print("over")


def test_makes():
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.close()


def test_uses():
    asyncio.get_event_loop_policy().get_event_loop().call_soon(print)


def test_leaks():
    asyncio.new_event_loop()


def test_interrupts():
    raise KeyboardInterrupt
"""
Report = collections.namedtuple("Report", "outcome when longreprtext sections nodeid")


def report(outcome, when="call", text="", **more):
    made = Report(outcome, when, text, [], "test_a.py::test_one")
    if not more:
        return made
    made = type("Report", (), dict(made._asdict(), **more))
    return made


class WorkerTests(unittest.TestCase):
    def start(self, *arguments, source=APP):
        daemon = FakeDaemon(source, handler=json.dumps(arguments), host="bare", kind="tests")
        self.addCleanup(daemon.close)
        daemon.write("pytest.py", PYTEST)
        kind = daemon.start()
        if kind == INIT_ERROR:
            daemon.wait()
        return daemon, kind

    def test_an_invocation_is_a_test_between_the_list_and_the_end(self):
        daemon, kind = self.start("test_makes", "test_uses")
        self.assertEqual(kind, READY)
        self.assertEqual(daemon.invoke().value["tests"], ["app.py::test_makes", "app.py::test_uses"])
        made = daemon.invoke()
        self.assertEqual(made.value, {"test": "app.py::test_makes", "outcome": "passed", "reason": ""})
        self.assertIn("slot-left-closed", made.kinds())
        used = daemon.invoke()
        self.assertFalse(used.ok)
        self.assertEqual(used.value["errorType"], "RuntimeError")
        self.assertEqual(used.value["errorMessage"], "Event loop is closed")
        self.assertIn("in test_uses", "\n".join(used.value["stackTrace"]))
        self.assertIn("used-after-close", used.kinds())
        self.assertEqual(daemon.invoke().value, {"status": 0})
        daemon.shut_down()

    def test_what_is_lost_is_collected_when_the_session_is_over(self):
        daemon, _ = self.start("test_leaks")
        daemon.invoke()
        self.assertNotIn("finalized", daemon.invoke().kinds())
        self.assertIn("finalized", daemon.invoke().kinds())
        daemon.shut_down()

    def test_what_ends_pytest_ends_the_session_after_its_answer(self):
        daemon, _ = self.start("test_leaks", "test_interrupts")
        daemon.invoke()
        self.assertEqual(daemon.invoke().value["outcome"], "passed")
        self.assertEqual(daemon.invoke().value["errorType"], "KeyboardInterrupt")
        self.assertEqual(daemon.invoke().value, {"status": 2})
        daemon.shut_down()

    def test_what_cannot_be_collected_is_no_session(self):
        daemon, kind = self.start("test_makes", source="import no_such_module\n")
        self.assertEqual(kind, INIT_ERROR)
        self.assertEqual(daemon.init_error["errorType"], "Runtime.BrokenSuite")
        self.assertIn("No module named 'no_such_module'", "\n".join(daemon.init_error["stackTrace"]))
        for argument, error in (("wrong", "Runtime.BrokenSuite"), ("no_such_test", "Runtime.NoTests")):
            daemon, kind = self.start(argument)
            self.assertEqual((kind, daemon.init_error["errorType"]), (INIT_ERROR, error))

    def test_without_pytest_it_says_so(self):
        daemon = FakeDaemon(APP, handler="[]", host="bare", kind="tests")
        self.addCleanup(daemon.close)
        daemon.write("pytest.py", "raise ImportError('none here')\n")
        self.assertEqual(daemon.start(), INIT_ERROR)
        daemon.wait()
        self.assertEqual(daemon.init_error["errorType"], "Runtime.MissingPytest")
        self.assertIn("none here", daemon.init_error["errorMessage"])


class OutcomeTests(unittest.TestCase):
    def outcome(self, *reports):
        outcome = TestOutcome()
        for each in reports:
            outcome.add(each)
        return outcome

    def test_one_failing_part_fails_the_test(self):
        for when in ("setup", "call", "teardown"):
            phases = ("setup", "call", "teardown")
            outcome = self.outcome(*(report("failed" if each == when else "passed", each, "E boom") for each in phases))
            self.assertEqual((outcome.outcome, outcome.reason), ("failed", "E boom"))
            self.assertEqual(outcome.text, "E boom" if when == "call" else "at {}:\nE boom".format(when))

    def test_skipped_and_expected(self):
        skipped = report("skipped", "setup", longrepr=("a.py", 1, "Skipped: later"))
        self.assertEqual(vars(self.outcome(skipped))["reason"], "later")
        self.assertEqual(self.outcome(skipped).outcome, "skipped")
        self.assertEqual(self.outcome(report("skipped", wasxfail="known")).outcome, "xfailed")
        self.assertEqual(self.outcome(report("passed", wasxfail="known")).outcome, "xpassed")
        self.assertEqual(self.outcome(report("passed", "setup"), report("passed")).outcome, "passed")


class SuiteTests(unittest.TestCase):
    def test_xdist_is_switched_off_and_that_is_said(self):
        option = type("Option", (), {"numprocesses": 4, "dist": "load", "tx": ["popen"]})
        suite = Suite(Watch(is_suite=True).probe)
        list(suite.pytest_cmdline_main(type("Config", (), {"option": option})))
        self.assertEqual((option.numprocesses, option.dist, option.tx), (0, "no", []))
        self.assertEqual(len(suite.notes), 1)
        option = type("Option", (), {"numprocesses": None, "dist": "no", "tx": []})
        suite = Suite(Watch(is_suite=True).probe)
        list(suite.pytest_cmdline_main(type("Config", (), {"option": option})))
        self.assertEqual(suite.notes, [])

    def test_every_hook_is_marked_for_pytest(self):
        marked = {}

        class Plugin(Suite):
            def pytest_cmdline_main(self, config):
                yield

        mark_hooks(Plugin, lambda **options: lambda function: marked.update({function.__name__: options}))
        hooks = {name for name in dir(Plugin) if name.startswith("pytest_")}
        self.assertEqual(set(marked), hooks)
        self.assertTrue(marked["pytest_cmdline_main"]["hookwrapper"])

    def test_what_a_shared_fixture_begins_is_its_service(self):
        async def service():
            await asyncio.sleep(10)

        for is_shared in (True, False):
            with watching(is_suite=True) as watch:
                suite = Suite(watch.probe)
                loop = asyncio.new_event_loop()
                tasks = []
                kinds = []
                for ordinal in range(2):
                    watch.probe.journal.enter_phase(2, ordinal)
                    fixture = type("Fixture", (), {"scope": "module" if is_shared else "function", "ends": []})
                    fixture.addfinalizer = fixture.ends.append
                    setup = suite.pytest_fixture_setup(fixture, None)
                    next(setup)
                    tasks.append(loop.create_task(service()))
                    loop.run_until_complete(asyncio.sleep(0))
                    list(setup)
                    watch.probe.returned()
                    watch.probe.ended()
                    kinds.append([event["event"] for event in watch.events("task-unfinished")])
                    self.assertEqual(len(fixture.ends), 2 if is_shared else 0)
                # Left by two tests, from one line: work, unless a fixture that they share has begun it.
                self.assertEqual(kinds, [[], []] if is_shared else [["task-unfinished"]] * 2)
                for task in tasks:
                    task.cancel()
                loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
                loop.close()

    def test_what_no_line_of_the_users_makes_is_pytests(self):
        code = compile(textwrap.dedent("def make(): return new_event_loop()"), "/x/site-packages/_pytest/x.py", "exec")
        namespace = {"new_event_loop": asyncio.new_event_loop}
        exec(code, namespace)
        for is_host in (True, False):
            with watching(is_suite=True) as watch:
                if is_host:
                    watch.probe.sites.add_host("/x/site-packages/_pytest/")
                namespace["make"]().close()
                created = watch.events("loop-created")[0]
                self.assertEqual(created["site"] is None, is_host)


class ExitTests(unittest.TestCase):
    def test_a_thread_that_holds_the_exit_is_told_when_the_suite_is_over(self):
        for is_daemon in (True, False):
            release = threading.Event()
            with watching(is_suite=True) as watch:
                watch.probe.journal.enter_phase(2, 0)
                thread = threading.Thread(target=release.wait, daemon=is_daemon)
                thread.start()
                watch.probe.ended()
                self.assertEqual(watch.events("thread-left"), [])
                watch.probe.is_suite_over = True
                watch.probe.ended()
                self.assertEqual(len(watch.events("thread-left")), 0 if is_daemon else 1)
            release.set()
            thread.join()


if __name__ == "__main__":
    unittest.main()
