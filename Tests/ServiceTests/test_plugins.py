"""The example plugins, on every CPython found, on asyncio and on uvloop: cold, warm, warm.

Each says in its expect.json what is expected of it: with which payload each invocation is made and how it ends, and
the findings: by which rule, in which invocations, and at which lines, quoted, by the part they play. A plugin without
findings there must have none. What is not the same everywhere says "when": {"python": ">=3.12", "loop": "uvloop"};
where a plugin makes no sense it says so in "impossible", as a list of the same with a "why"; packages that it needs are
in "requires". LOOPWARDEN_PLUGINS="nested-* *-fixed" narrows the plugins.
"""

import collections
import fnmatch
import json
import os
import pathlib
import re
import shutil
import unittest

import harness


class Expectation:
    """What a plugin's expect.json says."""

    def __init__(self, root, python=None, loop="asyncio"):
        self.root = pathlib.Path(root)
        self._text = json.loads((self.root / "expect.json").read_text())
        self._python = python
        self._loop = loop
        self.invocations = [each for each in self._text["invocations"] if self._applies(each)]
        self.findings = [each for each in self._text["findings"] if self._applies(each)]
        #: Those of any interpreter and loop.
        self.all_findings = self._text["findings"]

    def reason_to_skip(self):
        """Why this interpreter or loop is none for the plugin; None if it is."""
        for each in self._text.get("impossible", ()):
            if self._matches(each):
                return each["why"]
        missing = [name for name in self._text.get("requires", ()) if not self._python.has(name)]
        return "needs {}".format(", ".join(missing)) if missing else None

    def _applies(self, part):
        return "when" not in part or self._matches(part["when"])

    def _matches(self, condition):
        """Whether a condition of expect.json holds; without an interpreter in mind it does."""
        if self._python is None:
            return True
        operator, version = re.fullmatch("(>=|<|)([0-9.]+)", condition.get("python", ">=3")).groups()
        key, wanted = self._python.key, tuple(map(int, version.split(".")))
        is_version = {">=": key >= wanted, "<": key < wanted, "": key == wanted}[operator]
        return is_version and condition.get("loop", self._loop) == self._loop

    def line(self, quoted):
        """The (file, line number) of a quoted line, which must be the only one of its kind."""
        file, _, text = quoted.rpartition(".py: ")
        file = file + ".py" if file else "handler.py"
        lines = (self.root / file).read_text().splitlines()
        found = [number for number, line in enumerate(lines, 1) if line.strip() == text]
        if len(found) != 1:
            raise AssertionError("{}: {!r} is there {} times".format(self.root / file, text, len(found)))
        return file, found[0]

    def compare(self, replies):
        """What is not as expected, in words."""
        for ordinal, (expected, reply) in enumerate(zip(self.invocations, replies)):
            for key, value in expected.items():
                if key not in ("payload", "when") and reply["invocation"][key] != value:
                    yield "invocation {}: {} is {!r}, not {!r}".format(ordinal, key, reply["invocation"][key], value)
        wanted = collections.Counter((each["rule"], ordinal) for each in self.findings for ordinal in each["ordinals"])
        got = collections.Counter(
            (finding["rule"], ordinal) for ordinal, reply in enumerate(replies) for finding in reply["findings"]
        )
        for rule, ordinal in sorted((wanted - got).elements()):
            yield "no {} in invocation {}".format(rule, ordinal)
        for rule, ordinal in sorted((got - wanted).elements()):
            yield "unexpected {} in invocation {}".format(rule, ordinal)
        for each in self.findings:
            for ordinal in each["ordinals"]:
                found = [finding for finding in replies[ordinal]["findings"] if finding["rule"] == each["rule"]]
                # Of several by one rule, the one that is meant is the one with the fewest differences.
                yield from min(([*self._compare_lines(each, one, ordinal)] for one in found), key=len, default=())

    def _compare_lines(self, expected, finding, ordinal):
        name = "{} in invocation {}".format(finding["rule"], ordinal)
        named = {}
        for related in finding["related"]:
            named.setdefault(related["role"], set()).add((related["file"], related["line"]))
        lines = {role: self.line(quoted) for role, quoted in expected["lines"].items()}
        for role, line in lines.items():
            if line not in named.get(role, ()):
                yield "{}: {} should be {}:{}, but is {}".format(name, role, *line, sorted(named.get(role, ())))
        site = finding["site"]
        if site is None or (site["file"], site["line"]) not in lines.values():
            yield "{}: the culprit {} is none of the lines expected".format(name, site)


def plugins():
    """The folders of the plugins to try."""
    wanted = os.environ.get("LOOPWARDEN_PLUGINS", "*").split()
    folders = sorted(each for each in harness.PLUGINS.iterdir() if (each / "plugin.yaml").exists())
    return [each for each in folders if any(fnmatch.fnmatch(each.name, pattern) for pattern in wanted)]


class PluginTests(harness.ServiceTestCase):
    maxDiff = None

    def test_every_plugin_says_what_is_expected_of_it(self):
        for root in plugins():
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


def _matrix_test(python, loop):
    def test(self):
        if loop == "uvloop" and not python.has_uvloop:
            self.skipTest("no uvloop for CPython {}".format(python.version))
        with harness.Daemon(plugins=[self._copy(python, loop)]) as daemon, daemon.connect() as connection:
            for root in plugins():
                expectation = Expectation(root, python, loop)
                reason = expectation.reason_to_skip()
                with self.subTest(root.name):
                    if reason:
                        self.skipTest(reason)
                    replies = [
                        connection.invoke(root.name, each.get("payload", {})) for each in expectation.invocations
                    ]
                    self.assertEqual(list(expectation.compare(replies)), [], json.dumps(replies, indent=1))
            versions = {version for (version,) in daemon.rows("SELECT pythonVersion FROM environment")}
            self.assertEqual({version.rsplit(".", 1)[0] for version in versions}, {python.version})
            uvloops = daemon.rows(
                "SELECT count(*) FROM loop JOIN name ON name.id = className WHERE text LIKE 'uvloop.%'"
            )
            self.assertEqual(uvloops[0][0] > 0, loop == "uvloop")
        self.assertNothingLeft()

    return test


def _copy(self, python, loop):
    """The plugins once more, set to one interpreter and one kind of loop."""
    folder = self.scratch / "plugins"
    shutil.copytree(harness.PLUGINS, folder)
    for manifest in folder.glob("*/plugin.yaml"):
        manifest.write_text(manifest.read_text() + "python: {}\nloop: {}\n".format(python.path, loop))
    return folder


PluginTests._copy = _copy
for _python in harness.pythons():
    for _loop in ("asyncio", "uvloop"):
        _name = "test_cpython_{}_on_{}".format(_python.version.replace(".", "_"), _loop)
        setattr(PluginTests, _name, _matrix_test(_python, _loop))


if __name__ == "__main__":
    unittest.main()
