"""What `loopwarden check` writes for programs, held to published schemas, and the baseline that it reads and writes."""

import copy
import json
import os
import pathlib
import shutil
import subprocess
import unittest
import xml.etree.ElementTree

import harness

SCHEMAS = pathlib.Path(__file__).resolve().parent / "schemas"
OWN_SCHEMAS = harness.HOME / "Config/schemas"

CLEAN = "def handler(event, context):\n    return event\n"
FAILS_COLD = "def handler(event, context):\n    return event['item']\n"
FAILS_WARM = """
calls = []


def handler(event, context):
    calls.append(1)
    if len(calls) > 1:
        raise ValueError("\\x00\\x1b[31m <b>&\\"]]>\\ud7ff\\uffff %0A, two: {}\\nlines".format(id(calls)))
"""
BROKEN = """
import asyncio


def handler(event, context):
    loop = asyncio.get_event_loop()
    try:
        return loop.run_until_complete(asyncio.sleep(0, "ä"))
    finally:
        loop.close()  # too early
"""
#: Two equal lines in one function and one in another.
LEAKS = """
import asyncio


def first():
    loop = asyncio.new_event_loop()
    loop.run_until_complete(asyncio.sleep(0))
    loop = asyncio.new_event_loop()
    loop.run_until_complete(asyncio.sleep(0))


class Second:
    def run(self):
        loop = asyncio.new_event_loop()
        loop.run_until_complete(asyncio.sleep(0))


def handler(event, context):
    first()
    Second().run()
"""


class OutputTestCase(harness.CheckTestCase):
    patience = 4 * harness.PATIENCE
    #: Without ruff, whose hints are no business of these tests.
    path = os.pathsep.join(
        each for each in os.environ["PATH"].split(os.pathsep) if not os.path.exists(os.path.join(each, "ruff"))
    )

    def check(self, *arguments, schedule="warm", folder=None, **environment):
        # One life shows what is to be shown here, and takes less time than all.
        lives = ["--schedule", schedule] if schedule else []
        return super().check(*arguments, *lives, folder=folder, **{"PATH": self.path, **environment})

    def mistakes(self, schema, *documents):
        """What a schema finds wrong with files."""
        package = "xmlschema" if str(schema).endswith(".xsd") else "jsonschema"
        # The newest: the jsonschema that CPython 3.8 gets misreads some of what the strict schema asks for.
        python = next((each for each in reversed(harness.pythons()) if each.has(package)), None)
        if python is None:
            self.skipTest("no interpreter has {}".format(package))
        program = pathlib.Path(__file__).resolve().parent / "validate.py"
        done = subprocess.run(
            [python.path, "-B", program, schema, *documents], capture_output=True, text=True, check=False
        )
        self.assertEqual(done.stderr, "")
        return done.stdout.strip()

    def dump(self, name, value):
        path = self.scratch / name
        path.write_text(json.dumps(value))
        return path


def closed(schema):
    """The schema as one that allows only what it names, which shows what it does not tell of."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: closed(value) for key, value in schema.items()}
    if "properties" in result:
        result["unevaluatedProperties"] = False
    return result


class JSONTests(OutputTestCase):
    schema = OWN_SCHEMAS / "check-1.json"

    def reports(self):
        """A report of each kind of verdict, and what else there may be in one."""
        self.write(CLEAN, "clean.py")
        self.write(FAILS_COLD, "cold.py")
        self.write(FAILS_WARM, "warm.py")
        self.write(BROKEN, "broken.py")
        for verdict, arguments in (
            ("clean", ["clean.py"]),
            ("findings", ["broken.py", "warm.py", "--host", "bare,running"]),
            ("findings", ["broken.py", "--host", "bare", "--python", "python3,no-such-python"]),
            ("fails-cold", ["cold.py"]),
            ("error", ["clean.py", "--python", "no-such-python"]),
            ("clean", ["broken.py", "--write-baseline", "known.json", "--host", "bare"]),
        ):
            schedule = None if "broken.py" in arguments else "warm"
            report = json.loads(self.check(*arguments, "--json", schedule=schedule).stdout)
            self.assertEqual(report["verdict"], verdict, arguments)
            yield report

    def test_what_is_printed_is_what_the_schema_says(self):
        documents = [self.dump("{}.json".format(index), each) for index, each in enumerate(self.reports())]
        self.assertEqual(self.mistakes(self.schema, *documents), "")
        # Nothing is there that the schema does not tell of.
        strict = closed(json.loads(self.schema.read_text()))
        strict["$defs"]["line"].pop("unevaluatedProperties")
        strict["$defs"]["finding"]["properties"]["site"]["oneOf"][1]["unevaluatedProperties"] = False
        self.assertEqual(self.mistakes(self.dump("strict.json", strict), *documents), "")

    def test_the_schema_finds_mistakes(self):
        self.write(BROKEN)
        report = json.loads(self.check("orders.py", "--host", "bare", "--json").stdout)
        self.assertNotEqual(report["findings"], [])

        def changed(change):
            copied = copy.deepcopy(report)
            change(copied)
            return self.dump("changed.json", copied)

        for change in (
            lambda each: each.update(schema="loopwarden.check/2"),
            lambda each: each.update(verdict="fine"),
            lambda each: each.pop("runs"),
            lambda each: each["runs"][0].pop("host"),
            lambda each: each["runs"][0]["invocations"][0].update(start="tepid"),
            lambda each: each["findings"][0].update(severity="bad"),
            lambda each: each["findings"][0].pop("lastingFingerprint"),
            lambda each: each["findings"][0]["site"].update(line="4"),
            lambda each: each["findings"][0]["related"].append({"role": "used"}),
        ):
            self.assertNotEqual(self.mistakes(self.schema, changed(change)), "")


class SARIFTests(OutputTestCase):
    schema = SCHEMAS / "sarif-2.1.0.json"

    def sarif(self, *arguments, folder=None):
        self.check(*arguments, "--sarif", self.scratch / "o.sarif", folder=folder)
        return json.loads((self.scratch / "o.sarif").read_text())

    def assertTaken(self, document):
        """What GitHub asks for beyond the schema: see "SARIF support for code scanning" in its documentation."""
        (run,) = document["runs"]
        rules = run["tool"]["driver"]["rules"]
        self.assertEqual(len({rule["id"] for rule in rules}), len(rules))
        for rule in rules:
            self.assertLessEqual(len(rule["name"]), 255)
            self.assertLessEqual(len(rule["shortDescription"]["text"]), 1024)
            self.assertLessEqual(len(rule["fullDescription"]["text"]), 1024)
            self.assertTrue(rule["help"]["text"] and rule["help"]["markdown"])
            self.assertIn(rule["defaultConfiguration"]["level"], {"note", "warning", "error"})
        for result in run["results"]:
            self.assertEqual(rules[result["ruleIndex"]]["id"], result["ruleId"])
            self.assertIn(result["level"], {"note", "warning", "error"})
            self.assertTrue(result["message"]["text"])
            self.assertRegex(result["partialFingerprints"]["loopwarden/v1"], "^[0-9a-f]{32}$")
            self.assertTrue(result["locations"])
            for each in result["locations"] + result["relatedLocations"]:
                place = each["physicalLocation"]
                self.assertRegex(place["artifactLocation"]["uri"], r"^(file:///)?[A-Za-z0-9._~/%-]+$")
                relative = not place["artifactLocation"]["uri"].startswith("file:")
                self.assertEqual(place["artifactLocation"].get("uriBaseId"), "%SRCROOT%" if relative else None)
                region = place["region"]
                self.assertGreaterEqual(region["startLine"], 1)
                if "startColumn" in region:
                    self.assertGreaterEqual(region["startColumn"], 1)
                    self.assertGreater(region["endColumn"], region["startColumn"])
        self.assertIn("%SRCROOT%", run["originalUriBaseIds"])
        return run

    def test_it_is_valid_and_what_github_takes(self):
        self.write(BROKEN, "src/my orders/ü.py")
        self.write(FAILS_WARM, "warm.py")
        self.write(FAILS_COLD, "cold.py")
        self.write(CLEAN, "clean.py")
        broken = self.sarif("src/my orders/ü.py", "warm.py", "cold.py", "clean.py", "--host", "bare")
        document = self.dump("document.sarif", broken)
        self.assertEqual(self.mistakes(self.schema, document), "")
        run = self.assertTaken(broken)
        results = {result["ruleId"]: result for result in run["results"]}
        slot = results["LW203"]["locations"][0]["physicalLocation"]
        self.assertEqual(slot["artifactLocation"]["uri"], "src/my%20orders/%C3%BC.py")
        # loop.close(), without the comment.
        self.assertEqual(slot["region"], {"startLine": 10, "startColumn": 9, "endColumn": 21})
        own = [each["locations"][0]["physicalLocation"] for each in run["results"] if each["ruleId"] == "LW000"]
        lines = {each["artifactLocation"]["uri"]: each["region"]["startLine"] for each in own}
        self.assertEqual(lines, {"warm.py": 8, "cold.py": 2})
        self.assertEqual(self.assertTaken(self.sarif("clean.py"))["results"], [])

    def test_the_schema_finds_mistakes(self):
        self.write(BROKEN)
        right = self.sarif("orders.py", "--host", "bare")
        for change in (
            lambda run: run.update(results={}),
            lambda run: run["results"][0].update(level="info"),
            lambda run: run["results"][0].pop("message"),
            lambda run: run["results"][0]["locations"][0]["physicalLocation"]["region"].update(startLine=0),
            lambda run: run["tool"]["driver"].update(rulez=[]),
        ):
            wrong = copy.deepcopy(right)
            change(wrong["runs"][0])
            self.assertNotEqual(self.mistakes(self.schema, self.dump("wrong.sarif", wrong)), "")

    def test_paths_start_from_the_repository_wherever_one_stands(self):
        (self.scratch / ".git").mkdir()
        self.write(BROKEN, "services/orders/app.py")
        folder = self.scratch / "services/orders"
        (run,) = self.sarif("app.py:handler", "--host", "bare", folder=folder)["runs"]
        uris = {each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in run["results"]}
        self.assertEqual(uris, {"services/orders/app.py"})

    def test_fingerprints_outlast_other_lines_folders_and_cells(self):
        pythons = harness.pythons()
        self.write(LEAKS, "one/orders.py")
        self.write(LEAKS, "two/orders.py")

        def fingerprints(folder, *arguments):
            document = self.sarif("orders.py", "--host", "bare", *arguments, folder=self.scratch / folder)
            return sorted(
                (each["ruleId"], each["partialFingerprints"]["loopwarden/v1"])
                for each in document["runs"][0]["results"]
            )

        before = fingerprints("one", "--python", pythons[-1].path)
        # Equal lines are told apart.
        self.assertEqual(len(set(before)), len(before))
        self.assertGreaterEqual(len(before), 3)
        self.assertEqual(fingerprints("two", "--python", pythons[-1].path), before)
        self.assertEqual(fingerprints("one", "--python", pythons[0].path), before)
        # Several at once are told as one.
        both = ",".join({pythons[0].path, pythons[-1].path})
        self.assertEqual(fingerprints("one", "--python", both, "--host", "bare,thread"), before)
        # Lines above, other indentation, a comment.
        moved = LEAKS.replace("class Second", "def other():\n    pass\n\n\nclass Second")
        moved = '"""Orders."""\n\n# moved\n' + moved.replace("new_event_loop()", "new_event_loop()  # noqa")
        self.write(moved, "one/orders.py")
        self.assertEqual(fingerprints("one"), before)
        # And what is another line has another.
        self.write(LEAKS.replace("        loop = asyncio.new", "        mine = loop = asyncio.new"), "one/orders.py")
        self.assertNotEqual(fingerprints("one"), before)
        self.assertTrue(set(fingerprints("one")) & set(before))


class JUnitTests(OutputTestCase):
    schemas = (SCHEMAS / "junit-jenkins.xsd", SCHEMAS / "junit-ant.xsd")

    def test_it_is_valid_by_both_schemas(self):
        for name, text in (("clean", CLEAN), ("cold", FAILS_COLD), ("warm", FAILS_WARM), ("broken", BROKEN)):
            self.write(text, name + ".py")
        path = self.scratch / "o.xml"
        self.check(
            *("clean.py", "cold.py", "warm.py", "broken.py"),
            *("--host", "bare", "--python", "python3,no-such-python", "--junit", path),
        )
        for schema in self.schemas:
            self.assertEqual(self.mistakes(schema, path), "")
        root = xml.etree.ElementTree.parse(path).getroot()
        counts = {
            suite.get("name"): tuple(int(suite.get(key)) for key in ("tests", "failures", "errors", "skipped"))
            for suite in root
        }
        self.assertEqual(counts["clean"], (2, 0, 0, 1))
        self.assertEqual(counts["cold"], (2, 0, 1, 1))
        self.assertEqual(counts["warm"], (2, 1, 0, 1))
        self.assertEqual(counts["broken"], (2, 1, 0, 1))
        self.assertIn("no-such-python", root.find(".//skipped").get("message"))
        message = root.find("./testsuite[@name='warm']//failure").get("message")
        self.assertIn('\ufffd\ufffd[31m <b>&"]]>', message)

        # Both schemas find what is wrong.
        text = path.read_text()
        for schema in self.schemas:
            for wrong in (text.replace("<testcase ", "<testcas ", 1), text.replace(' errors="0"', "", 1)):
                (self.scratch / "wrong.xml").write_text(wrong)
                self.assertNotEqual(self.mistakes(schema, self.scratch / "wrong.xml"), "")


class GitHubTests(OutputTestCase):
    def test_annotations_are_whole_lines_the_most_severe_first(self):
        self.write(FAILS_WARM, "a,b%c.py")
        shutil.copytree(harness.PLUGINS / "blocking-call-broken", self.scratch / "slow")
        self.write(BROKEN)
        summary = self.scratch / "summary.md"
        done = self.check(
            *("slow", "a,b%c.py", "orders.py", "--host", "bare", "--github"),
            *("--event", '{"mode": "sleep"}'),
            GITHUB_STEP_SUMMARY=str(summary),
        )
        lines = [line for line in done.stdout.splitlines() if line.startswith("::")]
        kinds = [line[2:].split(" ")[0] for line in lines]
        self.assertIn("error", kinds)
        self.assertEqual(kinds, sorted(kinds, key=["error", "warning", "notice"].index))
        (own,) = [line for line in lines if "(LW000)" in line]
        self.assertTrue(own.startswith("::error file=a%2Cb%25c.py,line=8,title=failing-invocation (LW000)::"), own)
        self.assertIn(" %250A, two: ", own)
        self.assertIn("| error | poisoned-slot (LW203) | orders.py:10 |", summary.read_text())


class BaselineTests(OutputTestCase):
    def baseline(self, name="known.json"):
        return json.loads((self.scratch / name).read_text())

    def test_what_is_known_does_not_fail_and_what_is_new_does(self):
        self.write(BROKEN)
        self.assertEqual(self.check("orders.py", "--host", "bare").returncode, 1)
        done = self.check("orders.py", "--host", "bare", "--write-baseline", "known.json")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("Clean: nothing new in ", done.stdout)
        self.assertEqual(self.mistakes(OWN_SCHEMAS / "baseline-1.json", self.scratch / "known.json"), "")
        written = self.baseline()
        rules = {each["rule"] for each in written["findings"]}
        self.assertTrue({"poisoned-slot"} <= rules, rules)
        self.assertIn("loop.close()", {each["text"] for each in written["findings"]})
        self.assertEqual({each["file"] for each in written["findings"]}, {"orders.py"})

        # It knows them when lines shift, on another host and from another folder.
        self.write("# a comment\n\n" + BROKEN)
        done = self.check("orders.py", "--host", "bare", "--baseline", "known.json")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("Known, by known.json:\n", done.stdout)
        self.assertIn("poisoned-slot (LW203) at orders.py:12", done.stdout)
        self.assertNotIn("not met", done.stdout)
        report = json.loads(self.check("orders.py", "--host", "bare", "--baseline", "known.json", "--json").stdout)
        self.assertEqual({each["known"] for each in report["findings"]}, {True})
        self.assertEqual(report["baseline"]["known"], len(written["findings"]) + len(written["failures"]))

        # A new one fails, and is all that is told at length.
        self.write(
            BROKEN.replace("    try:", "    asyncio.new_event_loop().run_until_complete(asyncio.sleep(0))\n    try:")
        )
        done = self.check("orders.py", "--host", "bare", "--baseline", "known.json")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"(?m)^\d new findings? in .*; \d+ known\.")
        self.assertRegex(done.stdout, r"(?m)^(error|warning)  leaked-loop ")
        self.assertNotRegex(done.stdout, r"(?m)^error  poisoned-slot ")

    def test_failures_are_known_too_but_not_those_that_fail_cold(self):
        self.write(FAILS_WARM)
        self.assertEqual(self.check("orders.py", "--write-baseline", "known.json").returncode, 0)
        (failure,) = self.baseline()["failures"]
        self.assertEqual((failure["start"], failure["error"]), ("warm", "ValueError"))
        self.assertEqual(failure["handler"], "orders.py:handler")
        # An address is another one each time.
        self.assertEqual(self.check("orders.py", "--baseline", "known.json").returncode, 0)
        self.write(FAILS_WARM.replace("ValueError", "KeyError"))
        self.assertEqual(self.check("orders.py", "--baseline", "known.json").returncode, 1)
        self.write(FAILS_WARM.replace("> 1", "> 0"))
        before = (self.scratch / "known.json").read_text()
        done = self.check("orders.py", "--baseline", "known.json", "--write-baseline", "known.json")
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stderr, "The baseline known.json is not written: everything fails already cold.\n")
        self.assertEqual((self.scratch / "known.json").read_text(), before)

    def test_reasons_and_other_functions_entries_are_kept_and_mended_ones_go(self):
        self.write(FAILS_WARM, "one.py")
        self.write(LEAKS, "two.py")
        self.check("one.py", "two.py", "--host", "bare", "--write-baseline", "known.json")
        written = self.baseline()
        self.assertGreaterEqual(len(written["findings"]), 3)
        for entry in written["findings"] + written["failures"]:
            entry["reason"] = "it is known of " + entry["function"]
        self.dump("known.json", written)
        done = self.check("two.py", "--host", "bare", "--baseline", "known.json")
        self.assertEqual(done.returncode, 0)
        self.assertIn(", because it is known of two", done.stdout)
        self.assertNotIn("not met", done.stdout)
        self.write(LEAKS.replace("    Second().run()\n", ""), "two.py")
        done = self.check("two.py", "--host", "bare", "--baseline", "known.json")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"\d entr(y was|ies were) not met")
        self.check("two.py", "--host", "bare", "--write-baseline", "known.json")
        again = self.baseline()
        self.assertEqual(again["failures"], written["failures"])
        self.assertEqual(
            again["findings"], [each for each in written["findings"] if not each["in"].startswith("Second")]
        )

    def test_sarif_and_junit_tell_what_is_known(self):
        self.write(BROKEN)
        self.check("orders.py", "--host", "bare", "--write-baseline", "known.json")
        baseline = self.baseline()
        baseline["findings"][0]["reason"] = "the pool goes away"
        self.dump("known.json", baseline)
        done = self.check(
            *("orders.py", "--host", "bare", "--baseline", "known.json", "--github"),
            *("--sarif", "o.sarif", "--junit", "o.xml"),
        )
        self.assertEqual(done.returncode, 0)
        self.assertNotIn("::error", done.stdout)
        document = json.loads((self.scratch / "o.sarif").read_text())
        self.assertEqual(self.mistakes(SCHEMAS / "sarif-2.1.0.json", self.scratch / "o.sarif"), "")
        results = document["runs"][0]["results"]
        self.assertEqual({each["baselineState"] for each in results}, {"unchanged"})
        whys = [each["suppressions"][0].get("justification") for each in results]
        self.assertIn("the pool goes away", whys)
        root = xml.etree.ElementTree.parse(self.scratch / "o.xml").getroot()
        self.assertEqual({suite.get("failures") for suite in root}, {"0"})
        self.assertIn("because the pool goes away", root.find("testsuite/system-out").text)

    def test_wrong_baselines_are_told_and_never_overwritten(self):
        self.write(CLEAN)
        for text, part in (
            ("{", "bad.json is not JSON"),
            ('{"a": 1}', "bad.json is no baseline of Loopwarden"),
            ('{"schema": "loopwarden.baseline/2"}', "bad.json is a loopwarden.baseline/2, and this release reads"),
            ('{"schema": "loopwarden.baseline/1", "findings": [{}]}', "bad.json has a mistake at findings[0]"),
        ):
            for option in ("--baseline", "--write-baseline"):
                with self.subTest(text=text, option=option):
                    self.write(text, "bad.json")
                    done = self.check("orders.py", option, "bad.json")
                    self.assertEqual(done.returncode, 65, done.stderr)
                    self.assertIn(part, done.stderr)
                    self.assertEqual((self.scratch / "bad.json").read_text(), text)
        done = self.check("orders.py", "--baseline", "no-such.json")
        self.assertEqual(done.returncode, 66)
        self.assertIn("--write-baseline no-such.json", done.stderr)
        done = self.check("orders.py", "--write-baseline", "no/such/folder/known.json")
        self.assertEqual(done.returncode, 73)


if __name__ == "__main__":
    unittest.main()
