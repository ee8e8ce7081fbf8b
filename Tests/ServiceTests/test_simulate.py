"""loopwarden simulate: arrivals in simulated time, a report, a history under a name, and nothing left behind.

LOOPWARDEN_SIMULATED: how many environments one simulation starts and ends (default 1000; another a tenth, not forked).
"""

import contextlib
import json
import os
import pathlib
import select
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import harness

COUNT = harness.number("LOOPWARDEN_SIMULATED", 1000)

PLAIN = "def handler(event, context):\n    return event\n"

CLOCKS = """
import time
loaded = time.time()
last = loaded
def handler(event, context):
    global last
    gap, last = time.time() - last, time.time()
    print("gap", round(gap))
    return round(gap)
"""


def control_groups():
    """The cgroups of Loopwarden's below this process's own; others come and go with the tests that run beside."""
    found = set()
    for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        hierarchy = pathlib.Path("/sys/fs/cgroup", controllers.replace("name=", ""))
        found.update(map(str, pathlib.Path("{}{}".format(hierarchy, path)).glob("loopwarden-*")))
    return found


class Watch:
    """Looks at a process while it runs, and at what it has left when it is gone."""

    def __init__(self, process, folder):
        self.process = process
        self.folder = pathlib.Path(folder)
        self.groups = control_groups()
        #: (descriptors, processes below, files in its folder) of each look.
        self.looks = []

    def until_its_end(self, patience):
        deadline = time.monotonic() + patience
        with contextlib.closing(os.fdopen(os.pidfd_open(self.process.pid), "rb")) as end:
            while not select.select([end], [], [], 0.1)[0]:
                if time.monotonic() > deadline:
                    self.process.kill()
                    raise AssertionError("it does not end; seen so far: {}".format(self.looks[-20:]))
                with contextlib.suppress(OSError):
                    below = len(harness.descendants(self.process.pid))
                    self.looks.append((harness.descriptors(self.process.pid), below, self._files()))
        return self.process.wait()

    def _files(self):
        return sum(len(folders) + len(files) for _, folders, files in os.walk(self.folder))

    def is_busy(self):
        return len(harness.descendants(self.process.pid)) > 2

    def growth(self):
        """By how much each number's most in the last quarter is above its most in the second."""
        quarter = max(len(self.looks) // 4, 1)
        second, last = self.looks[quarter : 2 * quarter], self.looks[-quarter:]
        return [max(each) - max(early) for each, early in zip(zip(*last), zip(*second))]

    def left(self):
        """What is there that was not there before: processes, files, cgroups."""
        found = ["process {} {}".format(pid, name) for pid, name in harness.leftovers().items()]
        found += ["file {}".format(path) for path in self.folder.rglob("*")]
        return found + ["cgroup {}".format(path) for path in control_groups() - self.groups]


class SimulateTests(harness.ServiceTestCase):
    def setUp(self):
        super().setUp()
        self.temporary = self.scratch / "tmp"
        self.temporary.mkdir()
        self.environment = {
            "TMPDIR": str(self.temporary),
            "XDG_CACHE_HOME": str(self.scratch / "cache"),
            "XDG_RUNTIME_DIR": str(self.scratch),
        }

    def scenario(self, text, **handlers):
        for name, source in handlers.items():
            (self.scratch / (name + ".py")).write_text(source)
        path = self.scratch / "scenario.yaml"
        path.write_text(text)
        return path

    def simulate(self, path, *arguments, status=0, environment=None):
        """Simulates; returns the report as JSON."""
        done = harness.cli(
            "simulate",
            path,
            "--json",
            *arguments,
            environment={**self.environment, **(environment or {})},
            patience=600,
        )
        self.assertEqual(done.returncode, status, done.stdout[-4000:] + done.stderr)
        self.assertEqual(list(self.temporary.iterdir()), [])
        self.assertEqual(harness.leftovers(), {})
        return json.loads(done.stdout)

    def begin(self, *command):
        environment = {key: value for key, value in os.environ.items() if not key.startswith("LOOPWARDEN_")}
        with open(self.scratch / "out", "wb") as out:
            return subprocess.Popen(
                [*map(str, command)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**environment, **self.environment},
            )

    # Nothing is left --------------------------------------------------------------------------------------------------

    def test_a_thousand_environments_leave_nothing_behind(self):
        self.assert_nothing_is_left_of(COUNT, "fork")

    def test_nor_do_a_hundred_that_are_no_forks(self):
        self.assert_nothing_is_left_of(max(COUNT // 10, 10), "spawn")

    def assert_nothing_is_left_of(self, count, start):
        path = self.scenario(
            """
            functions: [{{path: plain.py, start: {1}, concurrency: 3, queue: {0}}}]
            streams: [{{count: {0}, cold: always, arrivals: {{constant: {{rate: 1000/s}}}}}}]
            """.format(count, start),
            plain=PLAIN,
        )
        began = time.monotonic()
        watch = Watch(self.begin(harness.BINARY, "simulate", path, "--json"), self.temporary)
        status = watch.until_its_end(900)
        text = (self.scratch / "out").read_text()
        self.assertEqual(status, 0, text[-4000:])
        report = json.loads(text)
        (function,) = report["functions"]
        self.assertEqual((function["invocations"], function["ok"], function["cold"]), (count, count, count))
        (environments,) = report["environments"]
        self.assertEqual((environments["started"], environments["peak"]), (count, 3))
        self.assertEqual(watch.left(), [])
        self.assertGreater(len(watch.looks), 10)
        descriptors, processes, files = watch.growth()
        print(
            "\n{} environments in {:.1f} s, {} looks; growth of descriptors {}, processes {}, files {}".format(
                count, time.monotonic() - began, len(watch.looks), descriptors, processes, files
            )
        )
        # Three environments are in whatever state at a look, each with some descriptors and files of its own.
        for growth, most in ((descriptors, 12), (processes, 4), (files, 24)):
            self.assertLessEqual(growth, most, watch.looks[:: max(len(watch.looks) // 40, 1)])

    def test_the_watch_sees_what_is_left(self):
        """The negative control: a program that leaks a descriptor, a process and a file at a time."""
        leaky = """
import os, subprocess, sys, tempfile, time
held = []
for _ in range(40):
    held.append(open(tempfile.mkstemp()[0], "rb"))
    held.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True))
    time.sleep(0.05)
"""
        watch = Watch(self.begin(sys.executable, "-c", leaky), self.temporary)
        self.assertEqual(watch.until_its_end(120), 0)
        left = watch.left()
        for pid in harness.leftovers():
            os.kill(pid, signal.SIGKILL)
        for kind in ("process", "file"):
            self.assertEqual(sum(each.startswith(kind) for each in left), 40, left)
        self.assertTrue(all(growth > 10 for growth in watch.growth()), watch.growth())
        harness.wait_until(lambda: not harness.leftovers(), "the sleepers are gone")

    def test_an_interruption_reports_what_was_done_and_leaves_nothing(self):
        path = self.scenario(
            """
            duration: 1h
            functions: [slow.py]
            streams: [{arrivals: {constant: {rate: 50/s}}}]
            """,
            slow="import time\ndef handler(event, context):\n    time.sleep(0.5)\n",
        )
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number.name):
                watch = Watch(self.begin(harness.BINARY, "simulate", path, "--json"), self.temporary)
                harness.wait_until(watch.is_busy, "environments are there")
                watch.process.send_signal(number)
                self.assertEqual(watch.until_its_end(60), 130)
                report = json.loads((self.scratch / "out").read_text())["simulation"]
                self.assertTrue(report["interrupted"])
                self.assertLess(report["simulatedNs"], report["plannedNs"])
                self.assertEqual(watch.left(), [])

    # Simulated time ---------------------------------------------------------------------------------------------------

    def test_gaps_are_passed_over_and_seen_by_the_pool_and_by_the_handler(self):
        path = self.scenario(
            """
            duration: 10h
            functions: [{path: clocks.py, keepAlive: 7200}]
            streams:
              - {count: 4, arrivals: {constant: {rate: 1/h}}}
              - {from: 6h, count: 1, arrivals: {constant: {rate: 1/h}}}
            """,
            clocks=CLOCKS,
        )
        began = time.monotonic()
        state = self.scratch / "state"
        report = self.simulate(path, "--state", state, "--name", "gaps")
        self.assertLess(time.monotonic() - began, 600)
        self.assertGreaterEqual(report["simulation"]["simulatedNs"], 36_000 * 10**9)
        self.assertLess(report["simulation"]["tookNs"], 600 * 10**9)
        # Warm for as long as gaps are shorter than the keep-alive time; then the environment has gone.
        causes = {row["cause"]: row["count"] for row in report["coldStarts"]}
        self.assertEqual(causes, {"first": 1, "idle reaped": 1})
        with harness.Daemon(folder=self.scratch) as daemon:
            rows = daemon.json("history", "--run", "gaps")["invocations"]
            self.assertEqual([row["start"] for row in rows], ["cold", "warm", "warm", "warm", "cold"])
            self.assertEqual(daemon.json("history", "--run", "other")["invocations"], [])
            gaps = [
                int(text.split("gap", 1)[1].split()[0])
                for (text,) in daemon.rows("SELECT logTail FROM invocation ORDER BY requestedAt")
            ]
        self.assertLess(gaps[0], 60)
        for gap in gaps[1:4]:
            self.assertAlmostEqual(gap, 3600, delta=60)
        # A new environment's clocks begin anew: nothing goes by between loading and the first invocation.
        self.assertLess(gaps[4], 60)
        # Of ten hours, five in the first environment's life, two of them of keep-alive, and two in the second's.
        (environments,) = report["environments"]
        self.assertEqual((environments["started"], environments["peak"]), (2, 1))
        self.assertAlmostEqual(environments["mean"], 0.7, delta=0.02)

    def test_keep_alive_decides_how_many_are_cold(self):
        text = """
            duration: 4h
            seed: 3
            functions: [{{path: plain.py, keepAlive: {}}}]
            streams: [{{arrivals: {{poisson: {{rate: 6/h}}}}}}]
            """
        shares = {}
        for keep_alive in (30, 600, 86400):
            (row,) = self.simulate(self.scenario(text.format(keep_alive), plain=PLAIN))["functions"]
            shares[keep_alive] = (row["invocations"], row["cold"])
        self.assertEqual(len({invocations for invocations, _ in shares.values()}), 1, shares)
        self.assertGreater(shares[30][1], shares[600][1])
        self.assertGreater(shares[600][1], shares[86400][1])
        self.assertEqual(shares[86400][1], 1)

    # Arrivals, payloads, reports --------------------------------------------------------------------------------------

    def test_the_same_seed_gives_the_same_run(self):
        path = self.scenario(
            """
            duration: 2h
            functions: [plain.py]
            streams:
              - arrivals: {poisson: {rate: 20/h}}
                cold: 25%
                payloads: [{json: {a: 1}, weight: 3}, {json: [1, 2.5, null, "x", true]}]
            """,
            plain=PLAIN,
        )
        first = self._sizes(path, "--seed", "1")
        self.assertEqual(first, self._sizes(path, "--seed", "1"))
        self.assertNotEqual(first, self._sizes(path, "--seed", "2"))
        sizes = {size for _, size in first}
        self.assertEqual(sizes, {len('{"a":1}'), len('[1,2.5,null,"x",true]')})

    def _sizes(self, path, *arguments):
        state = pathlib.Path(tempfile.mkdtemp(dir=self.scratch)) / "state"
        self.simulate(path, *arguments, "--state", state, "--name", "seeded")
        with harness.Daemon(folder=state.parent) as daemon:
            return daemon.rows("SELECT isCold, requestSize FROM invocation ORDER BY requestedAt")

    def test_a_trace_gives_its_counts_to_its_functions(self):
        (self.scratch / "day.csv").write_text(
            "HashOwner,HashApp,HashFunction,Trigger,1,2,3,4\n"
            "o,a,f00d,http,2,0,3,0\n"
            "o,a,beef,timer,0,1,0,1\n"
            "o,b,cafe,queue,9,9,9,9\n"
        )
        path = self.scenario(
            """
            functions: [plain.py, {path: plain.py, name: other}]
            streams: [{arrivals: {trace: {file: day.csv, rows: {f00d: plain, be: other}}}}]
            """,
            plain=PLAIN,
        )
        report = self.simulate(path)
        self.assertEqual({row["function"]: row["invocations"] for row in report["functions"]}, {"plain": 5, "other": 2})
        self.assertGreaterEqual(report["simulation"]["simulatedNs"], 240 * 10**9)

    def test_the_sample_does_what_it_shows_and_its_report_keeps_to_the_schema(self):
        sample = harness.HOME / "Config/samples/simulation/checkout.yaml"
        page = self.scratch / "page.html"
        report = self.simulate(sample, "--html", page, status=1)
        self.assertEqual({row["rule"] for row in report["recurring"]}, {"leaked-loop"})
        self.assertEqual({row["function"] for row in report["recurring"]}, {"reports"})
        counts = {row["function"]: row["invocations"] for row in report["functions"]}
        self.assertEqual(counts, {"orders": 461, "reports": 17})
        self.assertIn("<title>", page.read_text())
        self.assertEqual(self._mistakes(report), "")
        # The negative control.
        report["functions"][0]["coldShare"] = 2
        del report["simulation"]["run"]
        self.assertEqual(len(self._mistakes(report).splitlines()), 2)

    def _mistakes(self, report):
        """What the published schema finds wrong with a report."""
        python = next((each for each in reversed(harness.pythons()) if each.has("jsonschema")), None)
        if python is None:
            self.skipTest("no interpreter has jsonschema")
        document = self.scratch / "report.json"
        document.write_text(json.dumps(report))
        program = pathlib.Path(__file__).resolve().parent / "validate.py"
        schema = harness.HOME / "Config/schemas/simulation-1.json"
        done = subprocess.run(
            [python.path, "-B", program, schema, document], capture_output=True, text=True, check=False
        )
        self.assertEqual(done.stderr, "")
        return done.stdout.strip()

    def test_findings_failures_and_leaks_are_told_and_decide_the_exit_status(self):
        leaking = "import asyncio\ndef handler(event, context):\n    loop = asyncio.new_event_loop()\n"
        leaking += "    return loop.run_until_complete(asyncio.sleep(0))\n"
        path = self.scenario(
            "{functions: [leaking.py], streams: [{count: 3, arrivals: {constant: {rate: 1/min}}}]}", leaking=leaking
        )
        report = self.simulate(path, status=1)
        self.assertEqual(report["simulation"]["result"], "findings")
        self.assertEqual({row["rule"] for row in report["recurring"]}, {"leaked-loop"})
        self.assertEqual(report["simulation"]["leakedLoops"], 3)
        self.assertEqual(report["findings"][0]["site"]["line"], 3)

        failing = "def handler(event, context):\n    return event['id']\n"
        path = self.scenario(
            """
            functions: [failing.py]
            streams:
              - {count: 2, arrivals: {constant: {rate: 1/s}}, payloads: [{json: {id: 1}}]}
              - {from: 1h, count: 3, arrivals: {constant: {rate: 1/s}}}
            """,
            failing=failing,
        )
        report = self.simulate(path, status=1)
        (error,) = report["errors"]
        self.assertEqual((error["outcome"], error["errorType"], error["count"]), ("error", "KeyError", 3))
        self.simulate(
            self.scenario("{functions: [failing.py], streams: [{count: 1, arrivals: {constant: {rate: 1}}}]}"), status=2
        )

    # The daemon -------------------------------------------------------------------------------------------------------

    def test_a_named_run_is_in_the_history_of_the_running_daemon(self):
        path = self.scenario(
            """
            functions: [leaking.py, {path: plain.py, reservedConcurrency: 0}]
            streams:
              - {function: leaking, count: 3, arrivals: {constant: {rate: 1/min}}}
              - {function: plain, count: 2, arrivals: {constant: {rate: 1/h}}}
            """,
            plain=PLAIN,
            leaking="import asyncio\ndef handler(event, context):\n    loop = asyncio.new_event_loop()\n"
            "    return loop.run_until_complete(asyncio.sleep(0))\n",
        )
        with harness.Daemon() as daemon:
            there = {"LOOPWARDEN_SOCKET": str(daemon.socket)}
            report = self.simulate(path, "--name", "monday", status=1, environment=there)
            self.assertEqual(report["simulation"]["invocations"], 5)
            rows = daemon.json("history", "--run", "monday")["invocations"]
            self.assertEqual(
                sorted((row["function"], row["outcome"], row["run"]) for row in rows),
                [("leaking", "ok", "monday")] * 3 + [("plain", "rejected", "monday")] * 2,
            )
            found = daemon.json("findings", "--run", "monday")["recorded"]
            self.assertEqual(len(found), sum(row["count"] for row in report["recurring"]))
            self.assertEqual(len(daemon.json("loops", "--run", "monday", "--leaked")["loops"]), 3)
            self.assertEqual(daemon.json("history", "--run", "tuesday")["invocations"], [])
            # A name is of one run, and one without a name leaves no trace.
            done = harness.cli("simulate", path, "--name", "monday", environment={**self.environment, **there})
            self.assertEqual((done.returncode, done.stdout), (73, ""), done.stderr)
            self.assertIn('has a run "monday" already', done.stderr)
            self.simulate(path, status=1, environment=there)
            self.assertEqual(len(daemon.json("history", "--limit", "100")["invocations"]), 5)
            # The daemon has its state folder for itself.
            done = harness.cli("simulate", path, "--state", daemon.state, environment=self.environment)
            self.assertEqual(done.returncode, 75, done.stderr)
        done = harness.cli("simulate", path, "--name", "monday", environment=self.environment)
        self.assertEqual(done.returncode, 69, done.stderr)

    # Mistakes ---------------------------------------------------------------------------------------------------------

    def test_each_mistake_is_told_with_file_line_and_key(self):
        for text, expected in [
            ("functions: [plain.py]\nstreems: []\n", ':2: streems: unknown key; did you mean "streams"?'),
            ("functions: [plane.py]\n", ":1: functions[0].path: There is no"),
            (
                "functions:\n  - path: plain.py\n    keepAlve: 3\n",
                ':3: functions[0].keepAlve: unknown key; did you mean "kee',
            ),
            ("functions:\n  - path: plain.py\n    keepAlive: x\n", ":3: functions[0].keepAlive: expected seconds from"),
            ("functions: [plain.py, plain.py]\n", 'there are two functions "plain"; give one another name'),
            (
                self.stream("function: plan"),
                ':3: streams[0].function: there is no function "plan"; did you mean "plain"?',
            ),
            (self.stream("cold: seldom"), ':3: streams[0].cold: expected "every 10th"'),
            (self.stream("arrivals: {poisson: {rate: 0}}"), ":3: streams[0].arrivals.poisson.rate: expected how many"),
            (self.stream("arrivals: {poison: {rate: 1}}"), 'poison: unknown key; did you mean "poisson"?'),
            (self.stream("arrivals: {}"), "arrivals: expected one of constant, poisson, burst and trace"),
            (self.stream("arrivals: {burst: {size: 3}}"), "burst.every: expected size and every"),
            (self.stream("arrivals: {trace: {file: no.csv}}"), "trace.file: "),
            (self.stream("payloads: [{file: no.json}]"), ":3: streams[0].payloads[0].file: no.json cannot be read"),
            (self.stream("payloads: [{json: 1, file: x}]"), "payloads[0]"),
            (self.stream("arrivals: {poisson: {rate: 1/s}}"), ":1: duration: expected how long it goes on"),
            ("- a\n", ":1: expected a mapping"),
            ("functions: [\n", "not YAML"),
            ("", "functions: expected the functions that are invoked"),
        ]:
            with self.subTest(expected):
                path = self.scenario(text, plain=PLAIN)
                done = harness.cli("simulate", path, environment=self.environment)
                self.assertEqual((done.returncode, done.stdout), (78, ""), done.stderr)
                self.assertIn(expected, done.stderr)
                self.assertIn(str(path), done.stderr)
        done = harness.cli("simulate", self.scratch / "none.yaml", environment=self.environment)
        self.assertEqual(done.returncode, 66, done.stderr)

    @staticmethod
    def stream(line):
        """A scenario whose third line is a stream's."""
        return "functions: [plain.py]\nstreams:\n  - {}\n".format(line)


if __name__ == "__main__":
    unittest.main()
