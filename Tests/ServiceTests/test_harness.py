"""The harness sees what it is there to see: a check that cannot fail shows nothing."""

import os
import signal
import subprocess
import sys
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


if __name__ == "__main__":
    unittest.main()
