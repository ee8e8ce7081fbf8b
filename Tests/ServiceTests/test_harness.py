"""The harness sees what it is there to see: a check that cannot fail shows nothing."""

import os
import signal
import subprocess
import sys
import tempfile
import unittest

import harness

# Leaves a grandchild in a session of its own, deaf to SIGTERM, and exits.
STRAY = """
import os, signal, time
if os.fork() == 0:
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.fork() == 0:
        time.sleep(600)
    os._exit(0)
os.wait()
"""


class HarnessTests(unittest.TestCase):
    def test_a_stray_process_in_a_session_of_its_own_is_seen(self):
        subprocess.run([sys.executable, "-c", STRAY], check=True)
        left = harness.wait_until(harness.leftovers, "the stray process is seen")
        self.assertEqual(len(left), 1)
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        harness.wait_until(lambda: not harness.leftovers(), "the stray process is gone")

    def test_counts_of_descriptors_and_memory_are_real(self):
        before = harness.descriptors(os.getpid())
        pipe = os.pipe()
        self.assertEqual(harness.descriptors(os.getpid()), before + 2)
        for end in pipe:
            os.close(end)
        memory = harness.resident(os.getpid())
        ballast = bytearray(os.urandom(1 << 20) * 8)
        self.assertGreater(harness.resident(os.getpid()), memory + 6 * 1024)
        del ballast


class TallyTests(unittest.TestCase):
    """Scripts/tally counts what is there, and never takes nothing for a success."""

    def run_tally(self, first, text):
        with tempfile.NamedTemporaryFile("w", suffix=".log") as log:
            log.write(text)
            log.flush()
            command = [harness.HOME / "Scripts/tally", first, log.name]
            return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout

    def tally(self, status, text):
        return tuple(map(int, self.run_tally(str(status), text).split()))

    def test_summaries_are_read(self):
        dashes = "-" * 70
        self.assertEqual(self.tally(0, dashes + "\nRan 7 tests in 1.0s\n\nOK\n"), (7, 0, 0))
        self.assertEqual(self.tally(0, dashes + "\nRan 7 tests in 1.0s\n\nOK (skipped=2)\n"), (5, 0, 2))
        text = dashes + "\nRan 7 tests in 1.0s\n\nFAILED (failures=1, errors=2, skipped=1)\n"
        self.assertEqual(self.tally(1, text), (3, 3, 1))
        self.assertEqual(self.tally(0, dashes + "\nRan 0 tests in 0.0s\n\nOK (skipped=1)\n"), (0, 0, 1))
        self.assertEqual(self.tally(0, "2 passed, 0 failed: this\n3 passed, 0 failed, 1 skipped\n"), (5, 0, 1))
        self.assertEqual(self.tally(0, "skipped: CPython 3.14 (not found)\n1 passed, 0 failed\n"), (1, 0, 1))

    def test_the_summary_of_swift_testing_is_read(self):
        good = "\u2714 Test run with 333 tests in 58 suites passed after 7.1 seconds.\n"
        self.assertEqual(self.tally(0, '\u279c Test "b" skipped.\n' + good), (332, 0, 1))
        bad = '\u2718 Test "a" failed after 2 seconds with 1 issue.\n\u2718 Suite "A" failed after 2 seconds.\n'
        bad += '\u2718 Test "c" with 48 test cases failed after 2 seconds with 3 issues.\n'
        bad += "\u2718 Test run with 333 tests in 58 suites failed after 78.371 seconds with 4 issues.\n"
        self.assertEqual(self.tally(1, bad), (331, 2, 0))

    def test_nothing_run_and_a_bad_status_are_failures(self):
        self.assertEqual(self.tally(0, ""), (0, 1, 0))
        self.assertEqual(self.tally(0, "Ran 0 tests in 0.0s\n\nOK\n"), (0, 1, 0))
        self.assertEqual(self.tally(124, "3 passed, 0 failed\n"), (3, 1, 0))

    def test_what_failed_is_told_and_nothing_else(self):
        rule, dashes = "=" * 70, "-" * 70
        text = "noise\n" + rule + "\nFAIL: test_a (m.A)\n" + dashes + "\nTraceback: a\n\n"
        text += rule + "\nERROR: test_b (m.A)\n" + dashes + "\nTraceback: b\n\n" + dashes + "\nRan 3 tests in 1s\n"
        told = self.run_tally("--failures", text)
        self.assertIn("FAIL: test_a (m.A)\n" + dashes + "\nTraceback: a", told)
        self.assertIn("ERROR: test_b", told)
        self.assertNotIn("noise", told)
        swift = '\u2718 Test "a" recorded an issue at A.swift:3:5: no x\n\u21b3 y\n\u2714 Test "b" passed\n'
        self.assertEqual(self.run_tally("--failures", swift).count("\n"), 2)
        built = "[1/2] Compiling A\nA.swift:7:1: error: no b\n note: c\nA.swift:7:1: error: no b\n"
        self.assertEqual(self.run_tally("--failures", built), "A.swift:7:1: error: no b\n")
        self.assertEqual(self.run_tally("--failures", "one\ntwo\n"), "one\ntwo\n")

    def test_names_are_told_of_what_can_run_again(self):
        rule, dashes = "=" * 70, "-" * 70
        end = dashes + "\nRan 9 tests in 1s\n\nFAILED (failures=3)\n"
        reports = "{0}\nFAIL: test_a (m.A.test_a) [one] (n=1)\n{1}\n{0}\nFAIL: test_a (m.A.test_a) (n=2)\n{1}\n"
        reports += "{0}\nERROR: test_b (m.B)\n{1}\n{0}\nERROR: setUpClass (m.C)\n{1}\n"
        reports = reports.format(rule, dashes)
        self.assertEqual(self.names(1, reports + end), ["m.A.test_a", "m.B.test_b", "m.C"])
        # Killed, or not to be imported.
        self.assertEqual(self.names(124, reports + end), [])
        self.assertEqual(self.names(1, reports), [])
        broken = rule + "\nERROR: test_x (unittest.loader._FailedTest)\n" + dashes + "\n"
        self.assertEqual(self.names(1, reports + broken + end), [])
        swift = '\u2718 Test "a" recorded an issue at {}.swift:3:5: no x\n'
        swift += "\u2718 Test run with 3 tests in 2 suites failed after 7 seconds with 1 issue.\n"
        self.assertEqual(self.names(1, swift.format("LifeTests")), ["LifeTests"])
        self.assertEqual(self.names(1, swift.format("Lives")), [])

    def names(self, status, text):
        with tempfile.NamedTemporaryFile("w", suffix=".log") as log:
            log.write(text)
            log.flush()
            command = [harness.HOME / "Scripts/tally", "--names", str(status), log.name]
            return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split()


#: Fails as often as the file beside it says.
FICKLE = """
import pathlib, unittest

class FickleTests(unittest.TestCase):
    def test_it(self):
        left = pathlib.Path(__file__).with_suffix(".left")
        times = int(left.read_text())
        left.write_text(str(times - 1))
        self.assertLessEqual(times, 0, "not this time")

    def test_another(self):
        pass
"""

ATTEMPTS = """
set -euo pipefail
. {attempts}
cd {folder}
fickle() {{ {python} -B -m unittest -v ${{2:+-k "$2"}} "$1"; }}
for file in fickle_*.py; do again "${{file%.py}}" fickle "${{file%.py}}"; done
{more}
finish
"""


class AttemptsTests(harness.ServiceTestCase):
    """Scripts/attempts runs once more what failed, says so, and makes no failure a success."""

    def attempt(self, *failures, more="", **variables):
        """Runs a module of tests for each number, which says how often it fails; returns status and output."""
        for number, times in enumerate(failures):
            (self.scratch / "fickle_{}.py".format(number)).write_text(FICKLE)
            (self.scratch / "fickle_{}.left".format(number)).write_text(str(times))
        program = ATTEMPTS.format(
            attempts=harness.HOME / "Scripts/attempts", folder=self.scratch, python=sys.executable, more=more
        )
        variables = {"RESULTS": str(self.scratch / "results"), "VERBOSE": "", **variables}
        done = subprocess.run(
            ["bash", "-c", program], env={**os.environ, **variables}, capture_output=True, text=True, timeout=120
        )
        return done.returncode, done.stdout

    def test_what_passes_is_not_run_again(self):
        status, output = self.attempt(0, 0)
        self.assertEqual((status, output.splitlines()[-1]), (0, "4 passed, 0 failed, 0 skipped"))
        self.assertNotIn("flaky", output)
        self.assertNotIn("once more", output)

    def test_what_fails_once_is_flaky_and_both_outputs_are_told(self):
        status, output = self.attempt(0, 1)
        self.assertEqual(
            output.splitlines()[-2:], ["1 flaky: failed once, and passed alone", "4 passed, 0 failed, 0 skipped"]
        )
        self.assertEqual(status, 0)
        together = output.partition("── together")[2]
        self.assertIn("AssertionError: 1 not less than or equal to 0 : not this time", together)
        self.assertIn("fickle_1.FickleTests.test_it failed once, and passed alone:", together)
        self.assertIn("Ran 1 test in", together)
        self.assertTrue((self.scratch / "results/002/again-1/log").exists())

    def test_what_fails_twice_fails_the_run(self):
        status, output = self.attempt(1, 2)
        self.assertEqual(
            output.splitlines()[-2:], ["1 flaky: failed once, and passed alone", "3 passed, 1 failed, 0 skipped"]
        )
        self.assertEqual(status, 1)

    def test_many_failures_are_no_accident(self):
        status, output = self.attempt(1, 1, 1, RERUNS="2")
        self.assertEqual((status, output.splitlines()[-1]), (1, "3 passed, 3 failed, 0 skipped"))
        self.assertNotIn("once more", output)

    def test_nothing_is_run_again_beside_a_failure_of_another_kind(self):
        for more in ("attempt build false", "again broken fickle no_such_module", "again killed sh -c 'kill -9 $$'"):
            with self.subTest(more):
                status, output = self.attempt(1, more=more)
                self.assertEqual((status, output.splitlines()[-1]), (1, "1 passed, 2 failed, 0 skipped"))
                self.assertNotIn("once more", output)


if __name__ == "__main__":
    unittest.main()
