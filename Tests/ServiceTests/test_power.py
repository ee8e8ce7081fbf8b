"""Power fails under load (root only): with `durability: power`, what was answered is in the history all the same.

The state folder is on an ext4 of its own, which is shut down in an instant: nothing that was not synced survives, as
the ioctl EXT4_IOC_SHUTDOWN promises. LOOPWARDEN_CUTS: how often (default 20).
"""

import ctypes
import fcntl
import os
import random
import shutil
import struct
import subprocess
import time
import unittest

import harness
from test_storm import HANDLER, Load, faults_of

CUTS = harness.number("LOOPWARDEN_CUTS", 20)

_CLONE_NEWNS = 0x00020000
_EXT4_IOC_SHUTDOWN, _NOLOGFLUSH = 0x8004587D, 2


def reason_to_skip():
    """Why power cannot fail here; None if it can."""
    if os.geteuid() != 0:
        return "needs root"
    if shutil.which("mkfs.ext4") is None:
        return "mkfs.ext4 is not installed"
    libc = ctypes.CDLL(None, use_errno=True)
    # Mounts of this process are its own, and go with it.
    if libc.unshare(_CLONE_NEWNS) != 0:
        return "namespaces are not allowed here"
    return None


class PowerTests(harness.ServiceTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        reason = reason_to_skip()
        if reason:
            raise unittest.SkipTest("power failure: " + reason)
        subprocess.run(["mount", "--make-rprivate", "/"], check=True)

    def setUp(self):
        super().setUp()
        for number in range(2):
            harness.write_plugin(self.scratch / "plugins", "load-%d" % number, HANDLER, host="bare")
        self.disk, self.folder = self.scratch / "disk", self.scratch / "mounted"
        self.folder.mkdir()
        with open(self.disk, "wb") as disk:
            disk.truncate(128 << 20)
        options = "lazy_itable_init=0,lazy_journal_init=0"
        subprocess.run(["mkfs.ext4", "-q", "-F", "-E", options, self.disk], check=True)
        mounted = subprocess.run(["mount", "-o", "loop", self.disk, self.folder], stderr=subprocess.PIPE, text=True)
        if mounted.returncode != 0:
            self.skipTest("power failure: no loop devices here: " + mounted.stderr.strip())
        self.addCleanup(subprocess.run, ["umount", self.folder], stderr=subprocess.DEVNULL)
        self.daemon = harness.Daemon(self.folder, plugins=[self.scratch / "plugins"], settings="durability: power\n")

    def cut(self, acked, randomness):
        """Load, power cut, remount."""
        with Load(self.daemon, acked, randomness) as load:
            load.first.wait(harness.PATIENCE)
            time.sleep(randomness.uniform(0, 0.25))
            folder = os.open(self.folder, os.O_RDONLY)
            fcntl.ioctl(folder, _EXT4_IOC_SHUTDOWN, struct.pack("I", _NOLOGFLUSH))
            os.close(folder)
            # What was answered up to here counts; what is answered on a dead disk would be a lie.
            self.daemon.kill()
        self.assertNothingLeft()
        self.daemon.process = None
        subprocess.run(["umount", self.folder], check=True)
        subprocess.run(["mount", "-o", "loop", self.disk, self.folder], check=True)

    def test_answers_survive_power_failures(self):
        randomness, acked = random.Random(harness.number("LOOPWARDEN_SEED", 7)), {}
        for _ in range(CUTS):
            self.daemon.start()
            self.cut(acked, randomness)
            self.assertEqual(faults_of(self.daemon.database, acked, daemon_is_up=True), [])
        print("\n{} power cuts; {} answers, all stored".format(CUTS, len(acked)))
        self.daemon.start()
        self.assertEqual(self.daemon.stop(), 0)
        self.assertEqual(faults_of(self.daemon.database, acked), [])

    def test_without_syncing_answers_are_lost(self):
        """The negative control: the same, with the daemon's syncs made to do nothing."""
        if shutil.which("strace") is None:
            self.skipTest("strace is not installed")
        acked = {}
        self.daemon.begin_with = [
            "strace", "-qq", "-f", "-o", "/dev/null", "-e", "trace=fsync,fdatasync",
            "-e", "inject=fsync,fdatasync:retval=0",
        ]  # fmt: skip
        self.daemon.start()
        self.cut(acked, random.Random(1))
        self.assertGreater(len(acked), 0)
        self.assertNotEqual(faults_of(self.daemon.database, acked, daemon_is_up=True), [])


if __name__ == "__main__":
    unittest.main()
