"""Runs the example plugins on one interpreter and one kind of loop, and compares what happens with their expect.json.

Each says there what is expected of it: with which payload each invocation is made, after how long a pause (in seconds;
an environment that freezes has to be left alone for a while), and how it ends, and the findings: by
which rule, in which invocations, and at which lines, quoted, by the part they play. A plugin without findings there
must have none. What is not the same everywhere says "when": {"python": ">=3.12", "loop": "uvloop"}; where a plugin
makes no sense it says so in "impossible", as a list of the same with a "why"; packages that it needs are in "requires".
LOOPWARDEN_PLUGINS="nested-* *-fixed" narrows the plugins.
"""

import collections
import concurrent.futures
import fnmatch
import json
import os
import pathlib
import re
import shutil
import time

import harness

#: Of the daemon that runs them: every rule judges.
SETTINGS = "rules: {on: [sequential-awaits]}\n"


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
        file, text = re.fullmatch(r"(?:([\w/]+\.py|\w+\.ipynb:cell \d+): )?(.*)", quoted).groups()
        file = file or "handler.py"
        notebook, _, cell = file.partition(":cell ")
        source = (self.root / notebook).read_text()
        if cell:
            cells = [each for each in json.loads(source)["cells"] if each["cell_type"] == "code"]
            source = "".join(cells[int(cell) - 1]["source"])
        lines = source.splitlines()
        found = [number for number, line in enumerate(lines, 1) if line.strip() == text]
        if len(found) != 1:
            raise AssertionError("{}: {!r} is there {} times".format(self.root / file, text, len(found)))
        return file, found[0]

    def compare(self, replies):
        """What is not as expected, in words."""
        for ordinal, (expected, reply) in enumerate(zip(self.invocations, replies)):
            for key, value in expected.items():
                if key not in ("payload", "pause", "when") and reply["invocation"][key] != value:
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


class Trial:
    """What came of one plugin."""

    def __init__(self, root, skipped, differences=(), replies=()):
        self.root = root
        #: Why it was not run; None if it was.
        self.skipped = skipped
        #: What is not as expected, in words.
        self.differences = list(differences)
        self.replies = list(replies)


def copied(folder, python, loop, start="spawn"):
    """The plugins once more, below `folder`, set to one interpreter, one kind of loop and one way to start."""
    copy = pathlib.Path(folder) / "plugins"
    shutil.copytree(harness.PLUGINS, copy)
    for manifest in copy.glob("*/plugin.yaml"):
        manifest.write_text(manifest.read_text() + "python: {}\nloop: {}\nstart: {}\n".format(python.path, loop, start))
    return copy


def trials(daemon, python, loop):
    """Tries all plugins in a daemon that serves their copies, a few at a time."""

    def trial(root):
        expectation = Expectation(root, python, loop)
        reason = expectation.reason_to_skip()
        if reason:
            return Trial(root, reason)
        with daemon.connect() as connection:
            replies = []
            for each in expectation.invocations:
                time.sleep(each.get("pause", 0))
                replies.append(connection.invoke(root.name, each.get("payload", {})))
        return Trial(root, None, expectation.compare(replies), replies)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(trial, plugins()))
