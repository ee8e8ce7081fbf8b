"""The example plugins, on every CPython found, on asyncio and on uvloop: cold, warm, warm; see matrix.py.

Environments are forks; on the oldest with asyncio and on the newest with uvloop they are tried from fresh interpreters
as well, and LOOPWARDEN_STARTS="spawn fork" tries both everywhere.
"""

import json
import os
import unittest

import harness
import matrix
import stored_events
from matrix import Expectation


class PluginTests(harness.ServiceTestCase):
    maxDiff = None

    def test_every_plugin_says_what_is_expected_of_it(self):
        for root in matrix.plugins():
            with self.subTest(root.name):
                expectation = Expectation(root)
                self.assertTrue(expectation.invocations)
                for each in expectation.all_findings:
                    for quoted in each["lines"].values():
                        expectation.line(quoted)
                if root.name.endswith("-broken"):
                    self.assertTrue(expectation.all_findings)
                    self.assertTrue((harness.PLUGINS / root.name.replace("-broken", "-fixed")).is_dir())
                else:
                    self.assertEqual(expectation.all_findings, [])


class ExpectationTests(unittest.TestCase):
    """The comparison sees a difference in each thing that it compares."""

    def test_replies_as_expected_have_no_difference(self):
        expectation = Expectation(harness.PLUGINS / "module-loop-broken")
        self.assertEqual(list(expectation.compare(self._replies(expectation))), [])

    def test_each_difference_is_seen(self):
        expectation = Expectation(harness.PLUGINS / "module-loop-broken")

        def another_outcome(replies):
            replies[1]["invocation"]["outcome"] = "ok"

        def another_message(replies):
            replies[1]["invocation"]["errorMessage"] = "Event loop is running"

        def warm_for_cold(replies):
            replies[0]["invocation"]["start"] = "warm"

        def finding_missing(replies):
            replies[2]["findings"] = []

        def finding_too_many(replies):
            replies[2]["findings"].append(dict(replies[2]["findings"][0], rule="leaked-loop"))

        def another_line(replies):
            replies[1]["findings"][0]["related"][1]["line"] += 1

        def another_file(replies):
            replies[1]["findings"][0]["related"][0]["file"] = "client.py"

        def another_culprit(replies):
            replies[1]["findings"][0]["site"]["line"] += 1

        for change in (
            another_outcome,
            another_message,
            warm_for_cold,
            finding_missing,
            finding_too_many,
            another_line,
            another_file,
            another_culprit,
        ):
            with self.subTest(change.__name__):
                replies = self._replies(expectation)
                change(replies)
                self.assertEqual(len(list(expectation.compare(replies))), 1)

    def _replies(self, expectation):
        replies = [{"invocation": dict.fromkeys(("errorType", "errorMessage")), "findings": []} for _ in range(3)]
        for reply, expected in zip(replies, expectation.invocations):
            reply["invocation"].update(expected)
        for each in expectation.findings:
            lines = [(role, *expectation.line(quoted)) for role, quoted in each["lines"].items()]
            for ordinal in each["ordinals"]:
                related = [{"role": role, "file": file, "line": line} for role, file, line in lines]
                site = {"file": lines[-1][1], "line": lines[-1][2]}
                replies[ordinal]["findings"].append({"rule": each["rule"], "site": site, "related": related})
        return replies


def _matrix_test(python, loop, start):
    def test(self):
        if loop == "uvloop" and not python.has_uvloop:
            self.skipTest("no uvloop for CPython {}".format(python.version))
        folder = matrix.copied(self.scratch, python, loop, start)
        with harness.Daemon(plugins=[folder], settings=matrix.SETTINGS) as daemon:
            for trial in matrix.trials(daemon, python, loop):
                if trial.skipped:
                    harness.say_skipped(trial.root.name, trial.skipped)
                    continue
                with self.subTest(trial.root.name):
                    self.assertEqual(trial.differences, [], json.dumps(trial.replies, indent=1))
            # One that was about to start when the daemon ended has not said what it is.
            started = daemon.rows("SELECT pythonVersion FROM environment WHERE pythonVersion <> ''")
            versions = {version for (version,) in started}
            self.assertEqual({version.rsplit(".", 1)[0] for version in versions}, {python.version})
            texts = dict(daemon.rows("SELECT id, text FROM name"))
            created = [event for event in stored_events.stored_events(daemon.rows) if event.kind == 1]
            self.assertTrue(created)
            uvloops = [event for event in created if texts.get(event.detail, "").startswith("uvloop.")]
            self.assertEqual(bool(uvloops), loop == "uvloop")
            self.assertEqual(daemon.rows("SELECT DISTINCT start FROM environment"), [(start,)])
        self.assertNothingLeft()

    return test


_all = sorted(harness.pythons(), key=lambda each: each.key)
for _python in _all:
    for _loop in ("asyncio", "uvloop"):
        # How the two differ is the same with every version, and forks take half the time.
        _is_both = _python is (_all[0] if _loop == "asyncio" else _all[-1])
        for _start in os.environ.get("LOOPWARDEN_STARTS", "spawn fork" if _is_both else "fork").split():
            _name = "test_cpython_{}_on_{}_by_{}".format(_python.version.replace(".", "_"), _loop, _start)
            setattr(PluginTests, _name, _matrix_test(_python, _loop, _start))


if __name__ == "__main__":
    unittest.main()
