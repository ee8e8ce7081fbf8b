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
        left = harness.wait_until(harness.leftovers, "the stray process is seen", 5)
        self.assertEqual(len(left), 1)
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        harness.wait_until(lambda: not harness.leftovers(), "the stray process is gone", 5)

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


if __name__ == "__main__":
    unittest.main()
