"""Zygotes: what is forked is a worker like any other, and nobody's double."""

import os
import resource
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest

import fake_zygote
import test_hosts_running_on
import test_worker
from fake_daemon import FakeDaemon
from fake_zygote import FakeZygote, ForkedProcess


class Forked:
    """Tests of workers, with workers that are forked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        fake_zygote.fork_workers()
        cls.addClassCleanup(fake_zygote.spawn_workers)


def _forked(module):
    """Every test case of a module once more, forked."""
    for name, case in vars(module).items():
        if isinstance(case, type) and issubclass(case, unittest.TestCase) and case.__module__ == module.__name__:
            globals()["Forked" + name] = type("Forked" + name, (Forked, case), {"__module__": __name__})


_forked(test_worker)
_forked(test_hosts_running_on)

HANDLER = """
import os, random, resource, sys, threading, time, uuid

def handler(event, context):
    return eval(event)
"""


class ZygoteTests(unittest.TestCase):
    def zygote(self, *preload, **options):
        zygote = FakeZygote(preload, **options)
        self.addCleanup(zygote.close)
        return zygote

    def worker(self, zygote, source=HANDLER, **options):
        daemon = FakeDaemon(textwrap.dedent(source), **options)

        def launch(command, cwd, env, **pipes):
            ForkedProcess.zygotes.append(zygote)
            try:
                return ForkedProcess(command, cwd, env, **pipes)
            finally:
                ForkedProcess.zygotes.remove(zygote)

        daemon.launch = launch
        self.addCleanup(daemon.close)
        daemon.start()
        return daemon

    def module(self, name, text):
        """A folder with a module."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        with open(os.path.join(folder.name, name + ".py"), "w") as file:
            file.write(textwrap.dedent(text))
        return folder.name

    def refusal(self, text):
        folder = self.module("trying", text)
        zygote = self.zygote("trying", paths=[folder])
        self.assertEqual(zygote.process.wait(20), 0)
        return zygote.answer["refused"]

    def test_a_fork_is_the_daemons_own_child_and_ends_with_it(self):
        zygote = self.zygote()
        daemon = self.worker(zygote)
        self.assertEqual(daemon.invoke("[os.getppid(), os.getsid(0) == os.getpid()]").value, [os.getpid(), True])
        numbers = "[os.getpid(), threading.main_thread().ident == threading.get_ident()]"
        self.assertEqual(daemon.invoke(numbers).value, [daemon.process.pid, True])
        self.assertEqual(daemon.invoke("threading.get_native_id()").value, daemon.process.pid)
        daemon.kill()
        self.assertEqual(daemon.process.returncode, -signal.SIGKILL)

    def test_a_killed_daemon_takes_its_forks_along(self):
        script = """
            import json, os, sys, time
            sys.path.insert(0, sys.argv[1])
            from fake_zygote import FakeZygote
            process, _ = FakeZygote().fork({"LOOPWARDEN_CHANNEL": sys.argv[2]})
            print(process, flush=True)
            time.sleep(60)
        """
        folder = self.module("daemon", script)
        # Whoever connects and says nothing keeps a worker waiting.
        path = os.path.join(folder, "channel")
        with fake_zygote.socket.socket(fake_zygote.socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen(1)
            here = os.path.dirname(os.path.abspath(__file__))
            command = [sys.executable, os.path.join(folder, "daemon.py"), here, path]
            with subprocess.Popen(command, stdout=subprocess.PIPE) as daemon:
                worker = int(daemon.stdout.readline())
                connection, _ = listener.accept()
                self.assertTrue(connection.recv(5))
                self.assertTrue(os.path.exists("/proc/{}".format(worker)))
                daemon.kill()
            deadline = time.monotonic() + 20
            while _is_running(worker) and time.monotonic() < deadline:
                time.sleep(0.005)
            self.assertFalse(_is_running(worker))
            connection.close()

    def test_a_fork_has_the_environment_of_its_order_and_no_other(self):
        zygote = self.zygote(environment={"LEFT": "over"})
        daemon = self.worker(zygote, environment={"GIVEN": "1", "TZ": "Asia/Tokyo"})
        self.assertEqual(daemon.invoke("[os.environ.get('LEFT'), os.environ['GIVEN']]").value, [None, "1"])
        self.assertEqual(daemon.invoke("[time.timezone, os.path.samefile('.', sys.path[0])]").value, [-9 * 3600, True])
        self.assertEqual(daemon.invoke("sys.argv[1:]").value, [])

    def test_limits_are_those_of_the_order(self):
        zygote = self.zygote()
        pid, pipes = zygote.fork({}, descriptors=77, mark=12345)
        # Its environment names no channel: it ends, and says so.
        self.assertEqual(os.waitpid(pid, 0)[1] >> 8, 1)
        self.assertIn(b"KeyError: 'LOOPWARDEN_CHANNEL'", fake_zygote._rest(pipes[1]))
        fake_zygote._rest(pipes[0])
        daemon = self.worker(zygote)
        limits = daemon.invoke(
            "[resource.getrlimit(getattr(resource, n))[0] for n in ('RLIMIT_CORE', 'RLIMIT_NOFILE')]"
        )
        self.assertEqual(limits.value, [0, resource.getrlimit(resource.RLIMIT_NOFILE)[0]])

    def test_no_two_forks_are_equal(self):
        folder = self.module("own", "import random\nfree, fixed = random.Random(), random.Random(7)\n")
        zygote = self.zygote("own", paths=[folder])
        question = "[random.random(), str(uuid.uuid4()), __import__('own').free.random()]"
        fixed = "__import__('own').fixed.random()"
        answers = []
        for _ in range(3):
            daemon = self.worker(zygote)
            answers.append(daemon.invoke(question).value)
            # Who asks for the same numbers every time gets them.
            self.assertEqual(daemon.invoke(fixed).value, __import__("random").Random(7).random())
        for position in range(3):
            self.assertEqual(len({each[position] for each in answers}), 3)

    def test_what_is_preloaded_is_there_and_the_handler_is_not(self):
        folder = self.module("heavy", "import os\npid = os.getpid()\n")
        zygote = self.zygote("heavy", paths=[folder])
        daemon = self.worker(zygote)
        self.assertEqual(daemon.invoke("[sys.modules['heavy'].pid, os.getpid()]").value[0], zygote.process.pid)
        self.assertNotIn(folder, daemon.invoke("sys.path").value)
        self.assertIn(folder, zygote.answer["folders"])
        self.assertEqual(daemon.invoke("sys.modules['app'].__file__").value, os.path.join(daemon.root, "app.py"))

    def test_one_after_the_other_and_none_is_left(self):
        zygote = self.zygote()
        for number in range(20):
            daemon = self.worker(zygote)
            self.assertEqual(daemon.invoke(str(number)).value, number)
            daemon.close()
        self.assertEqual(len(os.listdir("/proc/{}/fd".format(zygote.process.pid))), 4)
        self.assertEqual(zygote.close(), 0)

    def test_what_cannot_be_shared_is_refused(self):
        text = "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
        self.assertEqual(self.refusal(text), "trying starts a thread when it is imported")
        text = "kept = open(__file__)\n"
        self.assertEqual(self.refusal(text), "trying opens a file or a socket when it is imported")
        text = "import asyncio\nclass Loop(asyncio.AbstractEventLoop): pass\nloop = Loop()\n"
        self.assertEqual(self.refusal(text), "trying makes an event loop when it is imported")
        self.assertEqual(self.refusal("1 / 0\n"), "trying cannot be imported: ZeroDivisionError: division by zero")
        self.assertEqual(self.refusal("raise SystemExit(3)\n"), "trying cannot be imported: SystemExit: 3")

    def test_an_order_that_is_too_long_is_answered(self):
        zygote = self.zygote()
        with self.assertRaises((AssertionError, OSError)):
            zygote.fork({"LONG": "x" * (1 << 18)})
        daemon = self.worker(zygote)
        self.assertEqual(daemon.invoke("1").value, 1)


def _is_running(process):
    try:
        with open("/proc/{}/stat".format(process)) as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    unittest.main()
