"""Runs CPython's own tests of asyncio without and with the probe, and compares what they count.

usage: python3 Scripts/transparency/compare.py PYTHON... [--tests NAME...] [--jobs N]

Each PYTHON must have the standard library's tests (`PYTHON -m test`). Prints a table, two lines for each interpreter;
the exit status is 1 when counts differ, 77 when no interpreter has the tests.
"""

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCES = os.path.abspath(os.path.join(HERE, os.pardir, os.pardir, "Sources", "PythonProbe"))
PRELOAD = os.path.join(HERE, "preload")  # its sitecustomize installs the probe in every process
SKIPPED = 77

_RAN = re.compile(r"^Ran (\d+) tests? in", re.MULTILINE)
_RESULT = re.compile(r"^(?:OK|FAILED)\b(?: \((.*)\))?$", re.MULTILINE)
_BAD = re.compile(r"^(?:FAIL|ERROR): (.*)$", re.MULTILINE)


class Counts:
    """What a run of the tests counted; two are equal when the tests did the same."""

    def __init__(self, output):
        self.ran = sum(int(number) for number in _RAN.findall(output))
        self.named = {"skipped": 0, "failures": 0, "errors": 0, "unexpected successes": 0}
        for result in _RESULT.findall(output):
            for part in filter(None, result.split(", ")):
                name, _, number = part.partition("=")
                if name in self.named:
                    self.named[name] += int(number)
        self.bad = sorted(set(_BAD.findall(output)))

    def __eq__(self, other):
        return (self.ran, self.named) == (other.ran, other.named)


class Run:
    """One run of the tests in one interpreter."""

    def __init__(self, python, tests, jobs, is_probed):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        if is_probed:
            environment["PYTHONPATH"] = os.pathsep.join((PRELOAD, SOURCES))
        with tempfile.TemporaryDirectory() as folder, open(os.path.join(folder, "output"), "w+b") as output:
            if is_probed:
                environment["LOOPWARDEN_TRANSPARENCY"] = folder
            before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
            command = [python, "-m", "test", "-v", "-j", str(jobs), "--timeout", "600"] + tests
            subprocess.run(command, env=environment, cwd=folder, stdout=output, stderr=subprocess.STDOUT)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            output.seek(0)
            self.counts = Counts(output.read().decode("utf-8", "replace"))
            self.events = os.path.exists(os.path.join(folder, "seen"))
            self.failed_hooks = _read(os.path.join(folder, "disabled"))
        self.wall = time.monotonic() - began
        self.cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return sorted(set(file.read().splitlines()))
    except FileNotFoundError:
        return []


def say(*columns):
    """Prints a line of the table at once: a run takes a minute."""
    widths = (9, 9, 7, 8, 7, 7, 8, 8)
    line = "".join(str(column).ljust(width) for column, width in zip(columns, widths)).rstrip()
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def compare(python, tests, jobs):
    """Whether `python`'s tests count the same with the probe; None when it has no tests."""
    version = subprocess.run(
        [python, "-c", "import sys, test.test_asyncio; print('%d.%d.%d' % sys.version_info[:3])"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    if version.returncode:
        sys.stdout.write("skipped: {} (without the standard library's tests)\n".format(python))
        return None
    runs = []
    for is_probed in (False, True):
        run = Run(python, tests, jobs, is_probed)
        runs.append(run)
        named = run.counts.named
        say(
            version.stdout.strip(),
            "probed" if is_probed else "bare",
            run.counts.ran,
            named["skipped"],
            named["failures"],
            named["errors"],
            "{:.0f} s".format(run.wall),
            "{:.0f} s".format(run.cpu),
        )
    bare, probed = runs
    for name in sorted(set(probed.counts.bad) ^ set(bare.counts.bad)):
        sys.stdout.write("  only {}: {}\n".format("probed" if name in probed.counts.bad else "bare", name))
    for hook in probed.failed_hooks:
        sys.stdout.write("  hook: {}\n".format(hook))
    if not probed.events:
        sys.stdout.write("  the probe saw no loop: this compares nothing\n")
    return bare.counts == probed.counts and probed.events and bare.counts.ran > 0


def main():
    """Compares in each interpreter and exits with what came out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pythons", nargs="+", metavar="PYTHON")
    parser.add_argument("--tests", nargs="+", default=["test_asyncio"], help="names for `-m test`")
    parser.add_argument("--jobs", type=int, default=2, help="processes at a time: the tests sleep a lot")
    options = parser.parse_args()
    say("python", "probe", "run", "skipped", "failed", "errors", "wall", "CPU")
    same = [compare(python, options.tests, options.jobs) for python in options.pythons]
    if all(result is None for result in same):
        sys.exit(SKIPPED)
    sys.exit(any(result is False for result in same))


if __name__ == "__main__":
    main()
