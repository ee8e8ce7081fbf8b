"""Zygotes: what is forked is a worker like any other, and nobody's double."""

import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest

import fake_zygote
import test_worker
from fake_daemon import FakeDaemon
from fake_zygote import FakeZygote, ForkedProcess


class Forked:
    """Tests of workers, with workers that were forked and have waited; others' are forked when they are wanted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        fake_zygote.fork_workers(ahead=1)
        cls.addClassCleanup(fake_zygote.spawn_workers)


def _forked(module):
    """Every test case of a module once more, forked."""
    for name, case in vars(module).items():
        if isinstance(case, type) and issubclass(case, unittest.TestCase) and case.__module__ == module.__name__:
            globals()["Forked" + name] = type("Forked" + name, (Forked, case), {"__module__": __name__})


_forked(test_worker)

HANDLER = """
import os, random, resource, sys, threading, time, uuid

def handler(event, context):
    return eval(event)
"""


def _status(process):
    """What follows the name in /proc/PID/stat."""
    with open("/proc/{}/stat".format(process)) as file:
        return file.read().rpartition(")")[2].split()


def _page_faults(process):
    return int(_status(process)[7])


class ZygoteTests(unittest.TestCase):
    def zygote(self, *preload, **options):
        zygote = FakeZygote(preload, **options)
        self.addCleanup(zygote.close)
        return zygote

    def worker(self, zygote, source=HANDLER, limits=None, **options):
        daemon = FakeDaemon(textwrap.dedent(source), **options)

        def launch(command, cwd, env, **pipes):
            ForkedProcess.zygotes.append(zygote)
            try:
                return ForkedProcess(command, cwd, env, **pipes, **(limits or {}))
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
            import os, sys
            sys.path.insert(0, sys.argv[1])
            from fake_zygote import FakeZygote
            process, connection, _ = FakeZygote().fork()
            assert connection.recv(5)
            os.set_inheritable(connection.fileno(), True)
            # Whoever else has our end keeps the worker waiting.
            if os.fork() == 0:
                os.execlp("sleep", "sleep", "60")
            print(process, flush=True)
            os.read(0, 1)
        """
        folder = self.module("daemon", script)
        here = os.path.dirname(os.path.abspath(__file__))
        command = [sys.executable, os.path.join(folder, "daemon.py"), here]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "start_new_session": True}
        with subprocess.Popen(command, **pipes) as daemon:
            self.addCleanup(os.killpg, daemon.pid, signal.SIGKILL)
            worker = int(daemon.stdout.readline())
            self.assertTrue(_is_running(worker))
            daemon.kill()
            deadline = time.monotonic() + 20
            while _is_running(worker) and time.monotonic() < deadline:
                time.sleep(0.005)
            self.assertFalse(_is_running(worker))

    def test_a_waiting_fork_ends_with_its_channel_and_silently(self):
        process, connection, pipes = self.zygote().fork()
        self.assertTrue(connection.recv(1 << 16))
        connection.close()
        self.assertEqual(os.waitpid(process, 0)[1], 0)
        self.assertEqual([fake_zygote._rest(pipe) for pipe in pipes], [b"", b""])

    def test_a_waiting_fork_outlives_its_zygote(self):
        zygote = self.zygote()
        ForkedProcess.zygotes.append(zygote)
        waiting = ForkedProcess([], "/", {})
        ForkedProcess.zygotes.remove(zygote)
        zygote.process.kill()
        daemon = FakeDaemon(HANDLER)
        self.addCleanup(daemon.close)

        def taken(command, cwd, env, **pipes):
            waiting.order = {"environment": env, "directory": cwd, "descriptors": 0, "mark": 0}
            return waiting

        daemon.launch = taken
        daemon.start()
        self.assertEqual(daemon.invoke("os.getppid()").value, os.getpid())

    def test_a_fork_has_the_environment_of_its_order_and_no_other(self):
        zygote = self.zygote(environment={"LEFT": "over"})
        daemon = self.worker(zygote, environment={"GIVEN": "1", "TZ": "Asia/Tokyo"})
        self.assertEqual(daemon.invoke("[os.environ.get('LEFT'), os.environ['GIVEN']]").value, [None, "1"])
        self.assertEqual(daemon.invoke("[time.timezone, os.path.samefile('.', sys.path[0])]").value, [-9 * 3600, True])
        self.assertEqual(daemon.invoke("sys.argv[1:]").value, [])

    def test_limits_are_those_of_the_order(self):
        zygote = self.zygote()
        question = "[resource.getrlimit(getattr(resource, n)) for n in ('RLIMIT_CORE', 'RLIMIT_NOFILE')]"
        usual = list(resource.getrlimit(resource.RLIMIT_NOFILE))
        self.assertEqual(self.worker(zygote).invoke(question).value, [[0, 0], usual])
        daemon = self.worker(zygote, limits={"descriptors": 77, "mark": 12345})
        self.assertEqual(daemon.invoke(question).value, [[0, 0], [77, 77]])
        self.assertEqual(daemon.info["descriptorLimit"], 77)
        with open("/proc/{}/limits".format(daemon.process.pid)) as file:
            marks = [line.split()[3:5] for line in file if line.startswith("Max file locks")]
        self.assertEqual(marks, [["12345", "12345"]])

    def test_no_two_forks_are_equal(self):
        folder = self.module("own", "import random\nfree, fixed = random.Random(), random.Random(7)\n")
        zygote = self.zygote("own", paths=[folder])
        sources = ("random.random()", "str(uuid.uuid4())", "__import__('own').free.random()")
        question = "[{}, __import__('secrets').token_hex(), os.urandom(8).hex()]".format(", ".join(sources))
        fixed = "__import__('own').fixed.random()"
        answers = []
        for ahead in (0, 2):
            # Two of them have waited beside each other.
            ForkedProcess.waiting = [zygote.fork() for _ in range(ahead)]
            for _ in range(2):
                daemon = self.worker(zygote)
                answers.append(daemon.invoke(question).value)
                # Who asks for the same numbers every time gets them.
                self.assertEqual(daemon.invoke(fixed).value, __import__("random").Random(7).random())
        self.assertEqual(ForkedProcess.waiting, [])
        for position in range(5):
            self.assertEqual(len({each[position] for each in answers}), 4)

    def test_waiting_leaves_nothing_that_a_handler_could_see(self):
        question = """[
            [task.get_name() for task in [__import__('asyncio').current_task()]],
            sorted(name for name in os.environ if 'REHEARSAL' in name),
            __import__('asyncio').events._event_loop_policy is None,
            [str(each) for each in sys.path],
            sorted(set(sys.modules) - {'app'}),
            threading.active_count(),
        ]"""
        source = HANDLER.replace("def handler", "async def handler").replace("import os", "import asyncio.events, os")
        at_import = "\nhad_policy = asyncio.events._event_loop_policy is not None\n"
        values = []
        for ahead in (0, 1):
            zygote = self.zygote()
            ForkedProcess.waiting = [zygote.fork() for _ in range(ahead)]
            if ahead:
                _let_wait(ForkedProcess.waiting[0][0])
            daemon = self.worker(zygote, source + at_import)
            reply = daemon.invoke(question)
            value = reply.value
            value[3].remove(daemon.root)
            created = [event for event in reply.events if event["event"] == "loop-created"]
            values.append((value, daemon.invoke("had_policy").value, [event["loop"] for event in created]))
        self.assertEqual(values[0], values[1])
        self.assertEqual(values[0][0][:2], [["Task-1"], []])
        self.assertNotIn("base", values[0][0][4])
        self.assertEqual(values[0][1:], (False, [1]))

    def test_what_a_fork_needs_is_copied_while_it_waits(self):
        zygote = self.zygote()
        counts = []
        for _ in range(3):
            ForkedProcess.waiting.append(zygote.fork())
            process, connection, _ = ForkedProcess.waiting[0]
            connection.recv(1, socket.MSG_PEEK)
            while _status(process)[0] != "S":
                time.sleep(0.01)
            before = _page_faults(process)
            worker = self.worker(zygote, "import asyncio\nasync def handler(event, context): return event")
            self.assertEqual((worker.process.pid, worker.invoke(7).value), (process, 7))
            counts.append(_page_faults(process) - before)
        # Somebody has waited for the first: only then was looked what there is to copy.
        self.assertGreater(counts[0], 3 * max(counts[1:]), counts)

    def test_a_scout_leaves_nothing(self):
        zygote = self.zygote()
        process = zygote.process.pid
        forks = [zygote.fork() for _ in range(3)]
        with open("/proc/{0}/task/{0}/children".format(process)) as file:
            self.assertEqual(file.read(), "")
        # What it prints to, and the link.
        self.assertEqual(sorted(os.listdir("/proc/{}/fd".format(process))), ["0", "1", "2", "3"])
        for number, connection, output in forks:
            connection.close()
            os.waitpid(number, 0)
            self.assertEqual([fake_zygote._rest(pipe) for pipe in output], [b"", b""])

    def test_a_scout_that_does_not_come_back_is_done_without(self):
        text = "import asyncio, time\nasync def sleep(delay): time.sleep(1000)\nasyncio.sleep = sleep\n"
        zygote = self.zygote("blocking", paths=[self.module("blocking", text)])
        for _ in range(3):
            self.assertEqual(self.worker(zygote).invoke("6 * 7").value, 42)

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

    def test_an_order_may_be_long(self):
        daemon = self.worker(self.zygote(), environment={"LONG": "x" * (1 << 20 >> 4)})
        self.assertEqual(daemon.invoke("len(os.environ['LONG'])").value, 1 << 16)


def _let_wait(process):
    """Until a fork sleeps for good."""

    def switches():
        with open("/proc/{}/status".format(process)) as file:
            return [line for line in file if "ctxt_switches" in line or line.startswith("State")]

    before = None
    while before != switches() or "S" not in before[0]:
        before = switches()
        time.sleep(0.05)


def _is_running(process):
    try:
        with open("/proc/{}/stat".format(process)) as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    unittest.main()
