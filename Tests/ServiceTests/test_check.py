"""`loopwarden check`: handlers in, verdict out, without a daemon."""

import json
import os
import shutil
import unittest
import xml.etree.ElementTree

import harness

CLEAN = "def handler(event, context):\n    return event\n"
FAILS_WARM = "calls = []\n\n\ndef handler(event, context):\n    calls.append(1)\n    return 1 / (2 - len(calls))\n"
COUNTS = """
seen = []


def handler(event, context):
    seen.append(event["n"])
    assert seen == list(range(len(seen)))
"""


SLEEPS = """
import asyncio
import time


async def handler(event, context):
    if event:
        time.sleep(1)
    await asyncio.sleep(0)
"""


class CheckTests(harness.CheckTestCase):
    def test_a_clean_handler_is_clean(self):
        done = self.check(self.write(CLEAN))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("Clean: nothing found in 6 lives, 18 invocations.", done.stdout)
        done = self.check("orders.py", "--schedule", "warm")
        self.assertIn("Clean: nothing found in 1 life, 3 invocations.", done.stdout)

    def test_a_broken_plugin_is_told_with_its_line_and_the_shortest_life(self):
        done = self.check(harness.PLUGINS / "poisoned-slot-broken", "--warm", 1)
        self.assertEqual(done.returncode, 1)
        for part in ("warm 1: RuntimeError: Event loop is closed", "handler.py:27", "fix: ", "shows it: cold."):
            self.assertIn(part, done.stdout)

    def test_no_line_of_the_programs_own_is_blamed(self):
        # Waiting is what the probe wraps: its frames lie between the user's line and what blocks.
        done = self.check(
            harness.PLUGINS / "deadlock-broken", "--schedule", "warm", "--event", '{"mode": "swallow"}', "--json"
        )
        findings = json.loads(done.stdout)["findings"]
        self.assertIn("deadlock", {each["rule"] for each in findings}, done.stderr)
        self.assertNotIn("loopwarden_", json.dumps([[each["site"], each["related"]] for each in findings]))

    def test_what_fails_warm_without_a_rule_that_knows_why_is_no_success(self):
        done = self.check(self.write(FAILS_WARM))
        self.assertEqual(done.returncode, 1)
        self.assertIn("warm 1: ZeroDivisionError", done.stdout)
        self.assertIn("shows it: cold, warm.", done.stdout)

    def test_what_fails_cold_shows_the_users_own_traceback(self):
        done = self.check(self.write(CLEAN.replace("event\n", "event['item']\n")))
        self.assertEqual(done.returncode, 2)
        self.assertIn("return event['item']", done.stdout)
        self.assertIn("KeyError: 'item'", done.stdout)
        self.assertNotIn("loopwarden_worker", done.stdout)
        done = self.check(self.write("import no_such_module\n" + CLEAN))
        self.assertEqual(done.returncode, 2)
        self.assertIn("No module named 'no_such_module'", done.stdout)

    def test_the_matrix_and_its_json(self):
        pythons = harness.pythons()
        python = next((each for each in pythons if each.has_uvloop), pythons[0])
        wanted = "{},no-such-python".format(python.path)
        hosts = "bare,per-invocation"
        done = self.check(
            harness.PLUGINS / "poisoned-slot-broken", "--python", wanted, "--loop", "asyncio", "--host", hosts, "--json"
        )
        self.assertEqual(done.returncode, 1, done.stderr)
        report = json.loads(done.stdout)
        self.assertEqual((report["schema"], report["verdict"]), ("loopwarden.check/1", "findings"))
        self.assertEqual(len(report["runs"]), 4 * 8)
        plain = [run for run in report["runs"] if run["schedule"] == "warm"]
        runs = {(run["host"], run["obstacle"] is None): run for run in plain}
        self.assertEqual(len(runs), 4)
        bare = runs["bare", True]
        self.assertTrue(bare["python"].startswith(python.version + "."))
        self.assertEqual([each["start"] for each in bare["invocations"]], ["cold", "warm", "warm"])
        self.assertEqual([each["outcome"] for each in bare["invocations"]], ["ok", "error", "error"])
        self.assertEqual(bare["invocations"][1]["errorMessage"], "Event loop is closed")
        self.assertEqual({finding["function"] for finding in report["findings"]}, {"poisoned-slot-broken"})
        self.assertIn("no-such-python", runs["bare", False]["obstacle"])

    def test_events_are_given_in_order_the_first_cold(self):
        for index in range(3):
            (self.scratch / "e{}.json".format(index)).write_text(json.dumps({"n": index}))
        name = self.write(COUNTS)
        done = self.check(name, "--json", "--events", "e0.json", "e1.json", "e2.json")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(len(json.loads(done.stdout)["runs"][0]["invocations"]), 3)
        self.assertEqual(json.loads(done.stdout)["runs"][0]["schedule"], "given")
        done = self.check(name, "--warm", 0, "--event", "-", stdin='{"n": 0}')
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_sarif_junit_and_github_are_written_beside(self):
        summary = self.scratch / "summary.md"
        summary.write_text("before\n")
        os.environ["GITHUB_STEP_SUMMARY"] = str(summary)
        self.addCleanup(os.environ.pop, "GITHUB_STEP_SUMMARY")
        shutil.copytree(harness.PLUGINS / "poisoned-slot-broken", self.scratch / "lib/orders")
        done = self.check("lib/orders", "--host", "bare", "--sarif", "o.sarif", "--junit", "o.xml", "--github")
        self.assertEqual((done.returncode, done.stderr), (1, ""))
        (run,) = json.loads((self.scratch / "o.sarif").read_text())["runs"]
        known = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        for result in run["results"]:
            self.assertEqual(known[result["ruleIndex"]], result["ruleId"])
            artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
            self.assertEqual(artifact, {"uri": "lib/orders/handler.py", "uriBaseId": "%SRCROOT%"})
        (suite,) = xml.etree.ElementTree.parse(self.scratch / "o.xml").getroot()
        self.assertEqual((suite.get("tests"), suite.get("failures"), suite.get("skipped")), ("8", "8", "0"))
        self.assertIn("\n::error file=lib/orders/handler.py,line=27,title=poisoned-slot (LW203)::", done.stdout)
        self.assertRegex(summary.read_text(), r"(?s)\Abefore\n### Loopwarden: findings.*\| fail \|")
        done = self.check("lib/orders", "--sarif", "no/such/folder/o.sarif")
        self.assertEqual(done.returncode, 73)
        self.assertIn("no/such/folder/o.sarif cannot be written", done.stderr)

    def test_what_was_not_reached_is_advice_of_ruffs_where_it_is_there(self):
        ruff = harness.HOME / ".build-venvs/tools/bin/ruff"
        if not ruff.exists():
            self.skipTest("no ruff: Scripts/test lint installs it")
        name = self.write(SLEEPS)
        hint = "orders.py:8: Async functions should not call `time.sleep` (ASYNC251)"
        self.assertNotIn("ASYNC", self.check(name, PATH="/usr/bin:/bin").stdout)
        done = self.check(name, PATH="{}:/usr/bin:/bin".format(ruff.parent))
        self.assertEqual(done.returncode, 0)
        self.assertIn("Not observed", done.stdout)
        self.assertIn(hint, done.stdout)
        # A program of that name that is something else does no harm.
        (self.scratch / "ruff").write_text("#!/bin/sh\necho '[{'\n")
        (self.scratch / "ruff").chmod(0o755)
        done = self.check(name, PATH="{}:/usr/bin:/bin".format(self.scratch))
        self.assertEqual(done.returncode, 0)
        self.assertNotIn("Not observed", done.stdout)

    def test_wrong_input_is_told(self):
        name = self.write("def one(event, context):\n    pass\n\n\nasync def two(event, context):\n    pass\n")
        self.write("{", "bad.json")
        for arguments, status, parts in (
            ([name], 66, ['neither "handler" nor "lambda_handler"', "it defines one, two", "orders.py:one"]),
            (["orders.py:three"], 66, ['no function "three"', "one, two"]),
            (["nowhere.py"], 66, ["There is no ", "nowhere.py"]),
            ([self.scratch], 66, ["No plugin is in "]),
            (["orders.py:one", "--event", "{"], 65, ["is not JSON"]),
            (["orders.py:one", "--events", "bad.json"], 65, ["bad.json", "is not JSON"]),
            (["orders.py:one", "--loop", "trio"], 64, ["trio", "asyncio"]),
            (["orders.py:one", "--warm", "-1"], 64, ["--warm"]),
            (["orders.py:one", "--python", "2.7"], 69, []),
            ([], 64, ["target"]),
        ):
            with self.subTest(arguments=arguments):
                done = self.check(*arguments)
                self.assertEqual(done.returncode, status, done.stderr)
                for part in parts:
                    self.assertIn(part, done.stderr)

    def test_a_named_function_and_a_folder_of_plugins(self):
        name = self.write(CLEAN.replace("handler", "process"))
        self.assertEqual(self.check(name + ":process").returncode, 0)
        plugins = self.scratch / "plugins"
        harness.write_plugin(plugins, "one", CLEAN)
        harness.write_plugin(plugins, "two", FAILS_WARM)
        done = self.check(plugins)
        self.assertEqual(done.returncode, 1)
        self.assertIn("6 of 14 lives pass", done.stdout)


if __name__ == "__main__":
    unittest.main()
