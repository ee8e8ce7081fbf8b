"""`loopwarden check --pytest`: suites of tests, run test by test, and what one test leaves to another."""

import json
import os
import pathlib
import shlex
import shutil
import subprocess
import unittest
import xml.etree.ElementTree

import harness

SUITES = pathlib.Path(__file__).parent / "suites"
#: Several sessions may be run, on a busy machine.
PATIENCE = 6 * harness.PATIENCE
FILE = "test_orders.py"
#: Of the broken suite: rule, test, and the culprit as it is quoted.
FAULTS = {
    ("closed-loop-reuse", "test_trips_over_the_closed_loop", "assert loop.run_until_complete(work) == 3"),
    ("leaked-loop", "test_leaks_a_loop", "loop = asyncio.new_event_loop()"),
    ("wrong-loop-object", "test_trips_over_the_lock", "async with lock:"),
    ("fire-and-forget", "test_leaves_a_task", "await asyncio.sleep(10)"),
    ("leaked-thread", "test_leaves_a_pool[2]", "pool = ThreadPoolExecutor(1)"),
    ("leaked-thread", "test_leaves_a_thread", 'threading.Thread(target=jobs.get, name="jobs").start()'),
}


def pythons(*packages):
    """The oldest, the newest and one between, of those that have the packages of pytest's."""
    found = [each for each in harness.pythons() if all(map(each.has, ("pytest", *packages)))]
    return sorted({found[0], found[len(found) // 2], found[-1]}, key=lambda each: each.key) if found else []


def python(*packages):
    """The newest from 3.10 on, where a module's lock belongs to no loop before it has to wait."""
    found = [each for each in pythons(*packages) if each.key >= (3, 10)]
    if not found:
        raise unittest.SkipTest("no Python from 3.10 on has pytest with {}".format(" and ".join(packages) or "nothing"))
    return found[-1]


class CheckPytestTests(harness.CheckTestCase):
    patience = PATIENCE
    file = FILE

    def check(self, *arguments, on=None, **variables):
        if on is not None:
            arguments = ("--python", on.path, *arguments)
        return super().check("--pytest", *arguments, **variables)

    def report(self, *arguments, on):
        done = self.check("--json", *arguments, on=on)
        return json.loads(done.stdout), done.returncode

    def copy(self, suite):
        shutil.copytree(SUITES / suite, self.scratch, dirs_exist_ok=True)

    # -- what is found -------------------------------------------------------------------------------------------------

    def test_a_broken_suite_is_told_test_by_test(self):
        self.copy("broken")
        lines = (self.scratch / FILE).read_text().splitlines()
        report, status = self.report(FILE, on=python("pytest_asyncio"))
        found = {
            (each["rule"], each["test"].partition("::")[2], lines[each["site"]["line"] - 1].strip())
            for each in report["findings"]
        }
        self.assertEqual(found, FAULTS)
        self.assertEqual((status, report["verdict"]), (1, "findings"))
        for finding in report["findings"]:
            told = "{message} {advice}".format(**finding).lower()
            for word in ("invocation", "handler", "environment", "warm", "answer"):
                self.assertNotIn(word, told)

    def test_its_fix_is_clean(self):
        for each in pythons("pytest_asyncio"):
            with self.subTest(python=each.version):
                self.copy("fixed")
                done = self.check(on=each)
                self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
                self.assertIn("Clean: nothing found in 12 tests.", done.stdout)

    def test_clean_suites_are_clean(self):
        suites = {
            "strict": ("pytest_asyncio",),
            "auto": ("pytest_asyncio",),
            "any": ("anyio", "trio"),
            "unit": (),
            "aio": ("pytest_aiohttp",),
            "plain": (),
        }
        for suite, packages in suites.items():
            for each in pythons(*packages):
                if suite == "auto" and each.key < (3, 9):
                    continue  # the pytest-asyncio of 3.8 has no loop for the whole session
                with self.subTest(suite=suite, python=each.version):
                    folder = self.scratch / (suite + each.version)
                    shutil.copytree(SUITES / "clean" / suite, folder)
                    done = self.check(folder, on=each)
                    self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)

    def test_what_uses_a_clean_suites_fixture_wrongly_is_told(self):
        # The clean suites are looked at, and not passed over.
        each = python("pytest_asyncio")
        folder = self.scratch / "auto"
        shutil.copytree(SUITES / "clean" / "auto", folder)
        text = "import asyncio\n\n\nasync def test_leaves(pool):\n    asyncio.ensure_future(late(pool))\n"
        text += "    await asyncio.sleep(0)\n\n\nasync def late(pool):\n    await asyncio.sleep(0.01)\n\n\n"
        text += "async def test_meets():\n    await asyncio.sleep(0.05)\n"
        (folder / "test_wrong.py").write_text(text)
        report, status = self.report("auto", on=each)
        self.assertEqual(status, 1)
        self.assertEqual([each["rule"] for each in report["findings"]], ["fire-and-forget"])
        self.assertIn("test_wrong.py::test_meets", report["findings"][0]["message"])
        self.assertEqual(report["findings"][0]["test"], "auto/test_wrong.py::test_leaves")

    def test_uvloop_is_what_the_suites_loops_are_made_of(self):
        each = next((each for each in pythons("pytest_asyncio")[::-1] if each.has_uvloop), None)
        if each is None:
            self.skipTest("no Python has uvloop and pytest-asyncio")
        text = "import asyncio\n\nimport pytest\n\n\n@pytest.mark.asyncio\nasync def test_loop():\n"
        self.write(text + "    assert type(asyncio.get_running_loop()).__module__ == 'uvloop'\n")
        self.assertEqual(self.check("--loop", "uvloop", on=each).returncode, 0)
        self.assertEqual(self.check("--loop", "asyncio", on=each).returncode, 1)

    def test_the_probes_plugin_alone_writes_the_events_of_each_test(self):
        self.copy("broken")
        options = ["-p", "loopwarden_probe.pytest_plugin", "--loopwarden-events=events.jsonl", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [python("pytest_asyncio").path, "-m", "pytest", *options, "-k", "not thread"],
            cwd=self.scratch,
            env={**os.environ, "PYTHONPATH": str(harness.HOME / "Sources/PythonProbe"), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        events = [json.loads(line) for line in (self.scratch / "events.jsonl").read_text().splitlines()]
        seen = {(each["event"], each["test"] and each["test"].partition("::")[2]) for each in events}
        self.assertIn(("slot-left-closed", "test_closes_the_loop"), seen)
        self.assertIn(("used-after-close", "test_trips_over_the_closed_loop"), seen)
        self.assertIn(("phase-ended", None), seen)

    # -- the shortest pair ---------------------------------------------------------------------------------------------

    def test_the_pair_that_is_named_fails_in_pytest_itself_and_each_alone_does_not(self):
        self.copy("broken")
        each = python("pytest_asyncio")
        report, _ = self.report(FILE, on=each)
        pairs = {(pair["after"], pair["test"]): pair["command"] for pair in report["runs"][0]["tests"]["dependences"]}
        closed = ("test_orders.py::test_closes_the_loop", "test_orders.py::test_trips_over_the_closed_loop")
        bound = ("test_orders.py::test_binds_the_lock", "test_orders.py::test_trips_over_the_lock")
        self.assertEqual(set(pairs), {closed, bound})
        for (first, second), command in pairs.items():
            words = shlex.split(command)
            self.assertEqual(words, ["pytest", first, second])
            for tests, status in ((words[1:], 1), ([first], 0)):
                done = subprocess.run(
                    [each.path, "-m", "pytest", "-p", "no:cacheprovider", *tests],
                    cwd=self.scratch,
                    capture_output=True,
                    timeout=PATIENCE,
                )
                self.assertEqual(done.returncode, status, done.stdout)

    def test_who_is_to_blame_is_found_among_many(self):
        state = "import asyncio\n\nimport pytest\n\nkept = {}\n\n\n"
        others = "".join("def test_{0}():\n    assert {0} >= 0\n\n\n".format(number) for number in range(9))
        culprit = "def test_keeps():\n    kept['loop'] = asyncio.new_event_loop()\n    kept['loop'].close()\n\n\n"
        victim = "def test_uses():\n    if kept:\n        raise RuntimeError('Event loop is closed')\n"
        self.write(state + others.replace("test_4", "test_four") + culprit + others.replace("test_", "test_b") + victim)
        report, _ = self.report(on=python())
        (pair,) = report["runs"][0]["tests"]["dependences"]
        self.assertEqual((pair["after"], pair["test"]), (FILE + "::test_keeps", FILE + "::test_uses"))

    def test_what_fails_alone_too_depends_on_nobody(self):
        self.write("def test_one():\n    pass\n\n\ndef test_two():\n    raise RuntimeError('Event loop is closed')\n")
        report, status = self.report(on=python())
        self.assertEqual((report["runs"][0]["tests"]["dependences"], report["findings"], status), ([], [], 1))

    # -- what pytest does, it does -------------------------------------------------------------------------------------

    def test_outcomes_are_counted_as_pytest_counts_them(self):
        self.write(
            "import unittest\n\nimport pytest\n\n\ndef test_passes():\n    pass\n\n\n"
            "def test_fails():\n    print('seen')\n    assert [1] == [2]\n\n\n"
            "@pytest.mark.skip(reason='later')\ndef test_skipped():\n    pass\n\n\n"
            "@pytest.mark.xfail(reason='known')\ndef test_expected():\n    assert False\n\n\n"
            "@pytest.fixture\ndef late():\n    yield\n    raise ValueError('late')\n\n\n"
            "def test_teardown(late):\n    pass\n\n\n"
            "class TestClass:\n    @pytest.mark.parametrize('n', [1, 2])\n    def test_many(self, n):\n"
            "        pass\n\n\n"
            "class Case(unittest.TestCase):\n    def test_method(self):\n        pass\n"
        )
        report, status = self.report("--junit", "junit.xml", on=python())
        (run,) = report["runs"]
        names = {each["test"].partition("::")[2]: each for each in run["invocations"]}
        wanted = {
            "test_passes": "passed",
            "test_fails": "failed",
            "test_skipped": "skipped",
            "test_expected": "xfailed",
            "test_teardown": "failed",
            "TestClass::test_many[1]": "passed",
            "TestClass::test_many[2]": "passed",
            "Case::test_method": "passed",
        }
        self.assertEqual({name: each["result"] for name, each in names.items()}, wanted)
        self.assertEqual([each["ordinal"] for each in run["invocations"]], list(range(8)))
        self.assertEqual(names["test_fails"]["errorType"], "AssertionError")
        self.assertEqual((names["test_passes"]["start"], names["test_fails"]["start"]), ("cold", "warm"))
        self.assertEqual((status, report["verdict"]), (1, "findings"))
        counts = {key: run["tests"][key] for key in ("collected", "passed", "failed", "skipped", "notRun")}
        self.assertEqual(counts, {"collected": 8, "passed": 4, "failed": 2, "skipped": 2, "notRun": 0})
        suite = xml.etree.ElementTree.parse(self.scratch / "junit.xml").getroot()[0]
        self.assertEqual((suite.get("tests"), suite.get("failures"), suite.get("skipped")), ("8", "2", "1"))
        failing = suite.find("testcase[@name='test_fails']/failure")
        self.assertIn("assert [1] == [2]", failing.text)
        self.assertIn("seen", failing.text)

    def test_the_first_failure_ends_what_is_told_to_end_with_it(self):
        self.write("def test_one():\n    assert False\n\n\ndef test_two():\n    pass\n")
        report, _ = self.report(on=python())
        self.assertEqual(report["runs"][0]["tests"]["notRun"], 0)
        report, _ = self.report(FILE, "--", "-x", on=python())
        self.assertEqual(report["runs"][0]["tests"]["notRun"], 1)
        report, _ = self.report(FILE, "--", "-k", "test_two", on=python())
        self.assertEqual((report["runs"][0]["tests"]["collected"], report["verdict"]), (1, "clean"))

    def test_a_node_id_and_the_projects_own_configuration_are_heeded(self):
        (self.scratch / "pytest.ini").write_text("[pytest]\npython_functions = check_*\naddopts = -x\n")
        self.write(
            "def check_one():\n    pass\n\n\ndef check_two():\n    pass\n\n\ndef test_three():\n    assert False\n"
        )
        report, status = self.report(on=python())
        self.assertEqual((report["runs"][0]["tests"]["collected"], status), (2, 0))
        report, _ = self.report(FILE + "::check_two", on=python())
        self.assertEqual([each["test"] for each in report["runs"][0]["invocations"]], [FILE + "::check_two"])

    def test_tests_have_the_users_own_environment(self):
        self.write(
            "import os\n\n\ndef test_environment():\n    assert os.environ['STAGE'] == 'test'\n"
            "    assert os.environ.get('TZ') == {!r}\n"
            "    assert not any(name.startswith('AWS_LAMBDA') for name in os.environ)\n".format(os.environ.get("TZ"))
        )
        self.assertEqual(self.check(on=python(), STAGE="test").returncode, 0)
        self.assertEqual(self.check(on=python(), STAGE="else").returncode, 1)

    # -- what goes wrong -----------------------------------------------------------------------------------------------

    def test_what_cannot_be_collected_shows_the_users_error_alone(self):
        self.write("import no_such_module\n")
        done = self.check(on=python())
        self.assertEqual(done.returncode, 2)
        self.assertIn("No module named 'no_such_module'", done.stdout)
        self.assertIn("The tests cannot be collected", done.stdout)
        self.assertNotIn("loopwarden_worker", done.stdout)

    def test_a_test_that_ends_the_process_or_never_ends_is_named(self):
        others = "def test_one():\n    pass\n\n\n{}def test_two():\n    pass\n"
        self.write("import os\n\n\n" + others.format("def test_exits():\n    os._exit(3)\n\n\n"))
        report, status = self.report(on=python())
        last = report["runs"][0]["invocations"][-1]
        self.assertEqual((last["test"], last["outcome"], status), (FILE + "::test_exits", "crashed", 1))
        self.assertIn("exit status 3", last["errorMessage"])
        self.assertEqual(report["runs"][0]["tests"]["notRun"], 1)
        self.write("import time\n\n\ndef test_sleeps():\n    time.sleep(100)\n")
        done = self.check("--test-timeout", 1, on=python())
        self.assertEqual(done.returncode, 1)
        self.assertIn("test_sleeps fails", done.stdout)
        self.assertIn("line 5 in test_sleeps", done.stdout)

    def test_a_failures_traceback_has_none_of_our_frames(self):
        self.copy("broken")
        done = self.check(FILE + "::test_closes_the_loop", FILE + "::test_trips_over_the_closed_loop", on=python())
        self.assertIn("Event loop is closed", done.stdout)
        self.assertNotIn("loopwarden_probe", done.stdout)

    def test_without_pytest_or_tests_it_says_so(self):
        bare = self.scratch / "bare"
        subprocess.run([python().path, "-m", "venv", "--without-pip", bare], check=True)
        self.write("def test_one():\n    pass\n")
        done = self.check(FILE, "--python", bare)
        self.assertEqual(done.returncode, 69)
        self.assertIn("has no pytest", done.stdout)
        done = self.check(FILE, "--", "-k", "nothing", on=python())
        self.assertEqual(done.returncode, 69)
        self.assertIn("pytest has found no tests", done.stdout)

    def test_wrong_usage_is_told(self):
        for arguments, status, words in (
            (["nowhere.py"], 66, "There is no nowhere.py"),
            (["--host", "bare"], 64, "--host, --schedule and events are for handlers"),
            (["--test-timeout", "0"], 64, "--test-timeout"),
        ):
            with self.subTest(arguments=arguments):
                done = self.check(*arguments)
                self.assertEqual(done.returncode, status)
                self.assertIn(words, done.stderr)


if __name__ == "__main__":
    unittest.main()
