"""Handlers that are right, many of which look suspicious, on every CPython found: nothing may be found in them.

Each file of clean/ is one handler; its docstring says what is suspicious and why it is right, and lines before that say
what is not as usual:

    # requires: aiohttp redis      what must be importable; else the handler is skipped there
    # python: >=3.11               the versions it is for
    # host: bare                   the host profiles it is for; else both
    # loop: asyncio                the kinds of loops it is for; else both
    # payloads: [{"a": 1}, {}]     one for each invocation; else four times {}
    # outcome: error               how the invocations end; else ok
    # timeout: 30                  in seconds; else 20
    # freeze: 0.5                  its environment is frozen after each answer, and left alone for so many seconds
    # info: deprecated-api         the rules that are right to say something here, as information

The first invocation is cold and all others are warm. The findings are looked up in the history when the daemon has
stopped: some are made only when an environment ends. The newest CPython tries each handler in both hosts
and on both loops, the others in two of these four; LOOPWARDEN_CLEAN_ALL=1 makes it all everywhere, and
LOOPWARDEN_CLEAN="loop_* redis_*" narrows the handlers. Environments are forks; on the oldest and the newest CPython
half of them are started from fresh interpreters.
"""

import collections
import concurrent.futures
import fnmatch
import itertools
import json
import os
import pathlib
import re
import shutil
import sys
import time
import unittest

import harness
import stored_events

CLEAN = pathlib.Path(__file__).resolve().parent / "clean"
WANTED = os.environ.get("LOOPWARDEN_CLEAN", "*").split()

#: How many handlers must have run on each CPython.
ENOUGH = 60

#: More than there are CPUs: several of them sleep.
AT_ONCE = (os.cpu_count() or 1) + 2

#: A handler that is wrong, and must be found by the same means.
CONTROL = '''"""Makes a loop in each invocation and closes none."""

import asyncio


def handler(event, context):
    return asyncio.new_event_loop().run_until_complete(asyncio.sleep(0, "leaked"))
'''

#: One whose fault comes only after its answer, and is known when its environment has ended.
LATE_CONTROL = '''"""A thread that uses a loop after its end."""

import asyncio
import threading


def handler(event, context):
    loop = asyncio.new_event_loop()
    loop.close()

    def use():
        try:
            loop.call_soon(print)
        except RuntimeError:
            pass

    threading.Timer(0.02, use).start()
'''


class CleanHandler:
    """A file of clean/, and what its first lines say."""

    def __init__(self, path):
        self.path = path
        self.name = path.stem
        lines = itertools.takewhile(lambda line: line.startswith("# "), path.read_text().splitlines())
        keys = dict(line[2:].split(": ", 1) for line in lines)
        self.requires = keys.pop("requires", "").split()
        self.python = keys.pop("python", ">=3")
        self.hosts = keys.pop("host", "per-invocation bare").split()
        self.loops = keys.pop("loop", "asyncio uvloop").split()
        self.payloads = json.loads(keys.pop("payloads", "[{}, {}, {}, {}]"))
        self.outcome = keys.pop("outcome", "ok")
        self.timeout = keys.pop("timeout", "20")
        self.freeze = float(keys.pop("freeze", "0"))
        self.info = keys.pop("info", "").split()
        if keys:
            raise AssertionError("{}: unknown: {}".format(path.name, ", ".join(keys)))

    def reason_to_skip(self, python):
        """Why it cannot run on an interpreter; None if it can."""
        operator, version = re.fullmatch("(>=|<)([0-9.]+)", self.python).groups()
        is_older = python.key < tuple(map(int, version.split(".")))
        if is_older == (operator == ">="):
            return "is for CPython {}".format(self.python)
        missing = [name for name in self.requires if not python.has(name)]
        return "needs {}".format(", ".join(missing)) if missing else None

    def cells(self, python, position, is_complete):
        """The (host, loop) to try it in; `position` varies which, where not all are tried."""
        pairs = [("per-invocation", "asyncio"), ("bare", "uvloop"), ("bare", "asyncio"), ("per-invocation", "uvloop")]
        if not is_complete:
            pairs = pairs[:2] if position % 2 else pairs[2:]
        loops = [loop for loop in self.loops if loop == "asyncio" or python.has_uvloop]
        found = [(host, loop) for host, loop in pairs if host in self.hosts and loop in loops]
        # One that is for few cells is tried in one of them at least.
        return found or [(self.hosts[0], loops[0])]


def clean_handlers():
    """Those to try."""
    found = [CleanHandler(path) for path in sorted(CLEAN.glob("*.py"))]
    return [each for each in found if any(fnmatch.fnmatch(each.name, pattern) for pattern in WANTED)]


class Trial:
    """One clean handler in one cell: a function of its own."""

    def __init__(self, handler, host, loop, start):
        self.handler = handler
        self.host = host
        self.loop = loop
        self.start = start
        self.function = "{}-{}-{}".format(handler.name, host, loop)
        self.problems = []

    def write(self, folder, python):
        """Writes it as a plugin."""
        keys = {"python": python.path, "host": self.host, "loop": self.loop, "timeout": self.handler.timeout}
        # Those that have answered need not stay; those that answer slowly must.
        keys.update(initTimeout=60, keepAlive=5, start=self.start)
        if self.handler.freeze:
            keys["freeze"] = "true"
        harness.write_plugin(folder, self.function, self.handler.path.read_text(), **keys)

    def run(self, daemon):
        """Makes its invocations, and notes what went otherwise than it should."""
        with daemon.connect(timeout=120) as connection:
            for ordinal, payload in enumerate(self.handler.payloads):
                invocation = connection.invoke(self.function, payload, cold=ordinal == 0)["invocation"]
                time.sleep(self.handler.freeze)
                start = "warm" if ordinal else "cold"
                if (invocation["start"], invocation["outcome"]) != (start, self.handler.outcome):
                    self.problems.append(
                        "invocation {} ({start}): {outcome}: {errorType}: {errorMessage}".format(ordinal, **invocation)
                    )


class CleanTests(harness.ServiceTestCase):
    maxDiff = None

    def _try_all(self, python, position, starts, is_complete):
        trials, skipped, ran = [], collections.Counter(), set()
        for number, handler in enumerate(clean_handlers()):
            reason = handler.reason_to_skip(python)
            if reason:
                skipped[reason] += 1
                continue
            ran.add(handler.name)
            cells = handler.cells(python, position + number, is_complete)
            for (host, loop), start in zip(cells, itertools.cycle(starts[number % 2 :] + starts[: number % 2])):
                trials.append(Trial(handler, host, loop, start))
        began = time.monotonic()
        found, alerted = self._found(trials, python)
        sys.stderr.write(
            "CPython {}: {} clean handlers ran, {} times in all; {:.0f} s{}\n".format(
                python.version,
                len(ran),
                len(trials),
                time.monotonic() - began,
                "".join("; {} skipped: {}".format(count, reason) for reason, count in sorted(skipped.items())),
            )
        )
        for control, rule in (("control", "leaked-loop"), ("late-control", "closed-loop-reuse")):
            self.assertIn(rule, {each for each, *_ in found[control]}, "a negative control is not found")
            self.assertIn(control, alerted)
        for trial in trials:
            with self.subTest(trial.function):
                for rule, severity, *where in found[trial.function]:
                    if severity != "info" or rule not in trial.handler.info:
                        trial.problems.append("{} {}: {}".format(severity, rule, ", ".join(map(str, where))))
                self.assertEqual(trial.problems, [])
        if WANTED == ["*"]:
            self.assertGreaterEqual(len(ran), ENOUGH)

    def _found(self, trials, python):
        """{function: what was found in it}, and the functions that there are alerts for."""
        plugins = self.scratch / "plugins"
        for trial in trials:
            trial.write(plugins, python)
        harness.write_plugin(plugins, "control", CONTROL, python=python.path)
        harness.write_plugin(plugins, "late-control", LATE_CONTROL, python=python.path)
        state = self.scratch / "daemon"
        state.mkdir()
        with harness.Daemon(state, plugins=[plugins]) as daemon:
            with daemon.connect() as connection:
                self.assertEqual(connection.invoke("late-control")["findings"], [])
            with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
                list(pool.map(lambda trial: trial.run(daemon), trials))
            with daemon.connect() as connection:
                for ordinal in range(4):
                    connection.invoke("control", cold=ordinal == 0)
            self.assertEqual(daemon.stop(), 0, daemon.log[-4000:])
        found = collections.defaultdict(list)
        for function, *finding in daemon.rows(
            "SELECT function.name, finding.rule, finding.severity, file, line, ordinal, finding.message FROM finding"
            " JOIN function ON function.id = finding.function JOIN alert ON alert.id = finding.alert"
        ):
            found[function].append(finding)
        # A probe that has taken a hook out finds nothing either.
        functions = dict(
            daemon.rows(
                "SELECT environment.id, function.name FROM environment"
                " JOIN function ON function.id = environment.function"
            )
        )
        texts = dict(daemon.rows("SELECT id, text FROM name"))
        for event in stored_events.stored_events(daemon.rows):
            if event.kind in (15, 16):
                found[functions[event.environment]].append(("probe-failed", "defect", texts.get(event.detail)))
        alerted = {
            name for (name,) in daemon.rows("SELECT name FROM alert JOIN function ON function.id = alert.function")
        }
        shutil.rmtree(plugins)
        return found, alerted


class HandlerTests(unittest.TestCase):
    """The files themselves."""

    def test_there_are_enough(self):
        self.assertGreaterEqual(len(list(CLEAN.glob("*.py"))), ENOUGH)

    def test_each_says_why_it_is_right(self):
        for handler in map(CleanHandler, CLEAN.glob("*.py")):
            with self.subTest(handler.name):
                text = handler.path.read_text()
                self.assertRegex(text, r'\A(# .*\n)*"""\S')
                self.assertGreaterEqual(set(("per-invocation", "bare")), set(handler.hosts))
                self.assertGreaterEqual(set(("asyncio", "uvloop")), set(handler.loops))
                self.assertLess(len(handler.name), 40)


def _clean_test(python, position, starts, is_complete):
    return lambda self: self._try_all(python, position, starts, is_complete)


_pythons = harness.pythons()
for _position, _python in enumerate(_pythons):
    _is_complete = _python is _pythons[-1] or bool(os.environ.get("LOOPWARDEN_CLEAN_ALL"))
    # How the two differ is the same with every version, and forks take half the time.
    _starts = ["spawn", "fork"] if _python in (_pythons[0], _pythons[-1]) else ["fork"]
    _name = "test_nothing_is_found_on_cpython_" + _python.version.replace(".", "_")
    setattr(CleanTests, _name, _clean_test(_python, _position, _starts, _is_complete))


if __name__ == "__main__":
    unittest.main()
