"""Runs the own tests of uvloop, anyio and aiohttp without and with the probe, and compares what becomes of each.

usage: python3 Scripts/transparency/suites.py PYTHON... [--suites NAME...] [--limit SECONDS] [-- ARGUMENT...]

The tests are those of the published source packages, of the version that is installed for them from PyPI, into virtual
environments of their own in .build-venvs. Tests that need the network beyond this machine, compilers or linters are
left out; ARGUMENTs go to pytest, such as `-k pattern`. Prints a table, two lines for each suite and interpreter. A test
that ends otherwise with the probe than without is run again, alone, and is told as a difference when it does so again,
and as unsteady when not. The exit status is 1 when there is a difference, 77 when no suite could be run.
"""

import argparse
import collections
import hashlib
import os
import pathlib
import resource
import subprocess
import sys
import tarfile
import tempfile
import time
import xml.etree.ElementTree as xml

HERE = pathlib.Path(__file__).resolve().parent
HOME = HERE.parent.parent
PRELOAD = [HERE / "preload", HOME / "Sources/PythonProbe"]  # the sitecustomize there installs the probe everywhere
FOLDER = HOME / ".build-venvs"
SKIPPED = 77

#: How often what differs is tried again, and how many tests of a suite at most.
ATTEMPTS, MOST_AGAIN = 3, 40


class Suite:
    """A package whose tests are run, what they need besides, and what of them is left out and why."""

    def __init__(self, name, requires, files, options):
        self.name = name
        self.requires = requires
        #: Of the source package; the package itself is the installed one.
        self.files = files
        self.options = options


SUITES = [
    Suite(
        "uvloop",
        ["uvloop", "aiohttp", "psutil", "pyOpenSSL", "setuptools"],
        ["tests"],
        # DNS; linters; Cython; the source tree of libuv.
        ["--ignore=tests/test_dns.py", "--ignore=tests/test_sourcecode.py", "--ignore=tests/test_cython.py"]
        + ["--ignore=tests/test_libuv_api.py"],
    ),
    Suite(
        "anyio",
        ["anyio", "trio", "uvloop", "blockbuster", "hypothesis", "psutil", "pytest-mock", "trustme", "truststore"]
        + ["exceptiongroup"],
        ["tests", "pyproject.toml"],
        ["-m", "not network"],
    ),
    Suite(
        "aiohttp",
        [
            "aiohttp[speedups]",
            "uvloop",
            "blockbuster",
            "freezegun",
            "isal",
            "zlib-ng",
            "proxy.py",
            "re-assert",
            "trustme",
        ]
        + ["pytest-mock", "pytest-codspeed", "python-on-whales", "setuptools", "coverage"],
        ["tests", "pytest.ini"],
        # The resolver's tests ask real servers; those of the pytest plugin and of leaks run pytest within pytest.
        ["-m", "not dev_mode and not autobahn and not internal", "--ignore=tests/test_resolver.py"]
        + ["--ignore-glob=tests/test_benchmarks*"],
    ),
]


def prepare(python, version, suite):
    """The suite's virtual environment and the folder with its tests; made if need be."""
    root = FOLDER / "suites" / "{}-{}".format(suite.name, version)
    wanted = hashlib.sha256(repr(vars(suite)).encode()).hexdigest()
    ready = root / "ready"
    if not ready.exists() or ready.read_text() != wanted:
        subprocess.run([python, "-m", "venv", "--clear", root / "venv"], check=True)
        pip = [root / "venv/bin/python", "-m", "pip", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", "pytest", "pytest-timeout", *suite.requires], check=True)
        installed = "import importlib.metadata as m, sys; print(m.version(sys.argv[1]))"
        number = subprocess.run(
            [root / "venv/bin/python", "-c", installed, suite.name], check=True, stdout=subprocess.PIPE, text=True
        ).stdout.strip()
        source = "{}=={}".format(suite.name, number)
        download = ["download", "--no-deps", "--no-binary", suite.name, "--dest", root, source]
        subprocess.run([*pip, *download], check=True)
        with tarfile.open(next(root.glob("*.tar.gz"))) as archive:
            archive.extractall(root)
        ready.write_text(wanted)
    return root / "venv/bin/python", next(root.glob("{}-*/".format(suite.name)))


class Run:
    """One run of a suite, or of some of its tests."""

    def __init__(self, python, source, suite, is_probed, limit, arguments):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        if is_probed:
            environment["PYTHONPATH"] = os.pathsep.join(map(str, PRELOAD))
        # Only the tests: beside the package's sources they would import these.
        with tempfile.TemporaryDirectory() as folder:
            for name in suite.files:
                os.symlink(source / name, os.path.join(folder, name))
            environment["LOOPWARDEN_TRANSPARENCY"] = folder
            report = os.path.join(folder, "report.xml")
            command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--override-ini=addopts="]
            command += ["--timeout=60", "--junitxml=" + report, "--override-ini=junit_logging=no"]
            began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
            try:
                done = subprocess.run(
                    [*command, *suite.options, *arguments],
                    env=environment,
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    timeout=limit,
                )
                self.output = done.stdout.decode(errors="replace")
            except subprocess.TimeoutExpired as error:
                self.output = (error.stdout or b"").decode(errors="replace") + "\ntook longer than its limit"
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            self.wall = time.monotonic() - began
            self.cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            self.results = _results(report)
            self.events = os.path.exists(os.path.join(folder, "seen"))
            self.failed_hooks = _lines(os.path.join(folder, "disabled"))
        self.counts = collections.Counter(self.results.values())


def _results(report):
    """{test: passed, failed, error or skipped}, of pytest's XML."""
    found = {}
    try:
        cases = xml.parse(report).iter("testcase")
    except (FileNotFoundError, xml.ParseError):
        return found
    for case in cases:
        outcomes = {part.tag for part in case} & {"failure", "error", "skipped"}
        name = "{}::{}".format(case.get("classname"), case.get("name"))
        found[name] = "+".join(sorted(outcomes)) or "passed"
    return found


def _lines(path):
    try:
        with open(path, encoding="utf-8") as file:
            return sorted(set(file.read().splitlines()))
    except FileNotFoundError:
        return []


def node(name):
    """What pytest calls a test of the report: tests.test_a.TestB::test_c → tests/test_a.py::TestB::test_c."""
    place, _, test = name.partition("::")
    parts = place.split(".")
    module = next((number for number, part in enumerate(parts) if part.startswith("test_")), len(parts) - 1)
    return "::".join(["/".join(parts[: module + 1]) + ".py", *parts[module + 1 :], test])


def say(*columns):
    """Prints a line of the table at once: a run takes minutes."""
    widths = (16, 9, 9, 8, 8, 8, 7, 8, 8)
    sys.stdout.write("".join(str(column).ljust(width) for column, width in zip(columns, widths)).rstrip() + "\n")
    sys.stdout.flush()


def compare(python, suite, limit, arguments):
    """Whether a suite's tests end the same with the probe; None when they cannot be run."""
    version = "import sys; print('%d.%d.%d' % sys.version_info[:3])"
    version = subprocess.run([python, "-c", version], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    try:
        python, source = prepare(python, version, suite)
    except subprocess.CalledProcessError as error:
        sys.stdout.write("skipped: {} on CPython {} ({})\n".format(suite.name, version, error))
        return None
    runs = []
    for is_probed in (False, True):
        run = Run(python, source, suite, is_probed, limit, arguments)
        runs.append(run)
        counts = run.counts
        say(
            source.name,
            version,
            "probed" if is_probed else "bare",
            counts["passed"],
            counts["skipped"],
            counts["failure"],
            sum(number for outcome, number in counts.items() if "error" in outcome),
            "{:.0f} s".format(run.wall),
            "{:.0f} s".format(run.cpu),
        )
        if not run.results:
            sys.stdout.write(run.output[-4000:] + "\n")
    bare, probed = runs
    different = sorted(
        name for name in {*bare.results, *probed.results} if bare.results.get(name) != probed.results.get(name)
    )
    is_same = bool(bare.results) and probed.events
    for name in different[:MOST_AGAIN]:
        again = [
            [Run(python, source, suite, is_probed, limit, [node(name)]).counts for _ in range(ATTEMPTS)]
            for is_probed in (False, True)
        ]
        is_steady = all(counts == again[0][0] for counts in again[0] + again[1])
        is_same = is_same and is_steady
        words = ", ".join(
            "{} {}, alone {}".format(
                title, run.results.get(name, "not run"), "/".join("+".join(counts) or "not run" for counts in attempts)
            )
            for title, run, attempts in zip(("bare", "probed"), runs, again)
        )
        sys.stdout.write("  {}: {}: {}\n".format("unsteady" if is_steady else "different", name, words))
    if len(different) > MOST_AGAIN:
        is_same = False
        sys.stdout.write("  and {} more\n".format(len(different) - MOST_AGAIN))
    for hook in probed.failed_hooks:
        sys.stdout.write("  hook: {}\n".format(hook))
    if not probed.events:
        sys.stdout.write("  the probe saw no loop: this compares nothing\n")
    return is_same


def main():
    """Compares in each interpreter and exits with what came out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pythons", nargs="+", metavar="PYTHON")
    parser.add_argument("--suites", nargs="+", default=[suite.name for suite in SUITES], help="some of them only")
    parser.add_argument("--limit", type=float, default=1200, help="seconds for one run of a suite")
    own, arguments = sys.argv[1:], []
    if "--" in own:
        split = own.index("--")
        own, arguments = own[:split], own[split + 1 :]
    options = parser.parse_args(own)
    say("suite", "python", "probe", "passed", "skipped", "failed", "errors", "wall", "CPU")
    same = [
        compare(python, suite, options.limit, arguments)
        for python in options.pythons
        for suite in SUITES
        if suite.name in options.suites
    ]
    if all(result is None for result in same):
        sys.exit(SKIPPED)
    sys.exit(any(result is False for result in same))


if __name__ == "__main__":
    main()
