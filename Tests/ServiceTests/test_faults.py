"""Handlers that do their worst: each invocation ends in exactly one terminal state, and nothing outlives the daemon."""

import json
import threading
import time
import unittest

import harness

# One handler that can do anything; `event["do"]` says what.
HANDLER = '''
import asyncio
import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
import time


def nothing(event):
    return event.get("answer")


def raises(event):
    raise ValueError("no")


def sys_exit(event):
    sys.exit(3)


def os_exit(event):
    os._exit(3)


def cancelled(event):
    raise asyncio.CancelledError()


def interrupted(event):
    raise KeyboardInterrupt()


def segfault(event):
    ctypes.string_at(0)


def abort(event):
    os.abort()


def killed(event):
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)


def stopped(event):
    os.kill(os.getpid(), signal.SIGSTOP)


def spins(event):
    while True:
        pass


def sleeps(event):
    time.sleep(event.get("seconds", 600))
    return "slept"


def deaf(event):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP})
    time.sleep(600)


def stuck_loop(event):
    async def wait():
        await asyncio.Event().wait()

    asyncio.run(wait())


def child(event):
    """A child that holds stdout and stderr open."""
    subprocess.Popen(["sleep", "600"])
    return "child"


def hidden_child(event):
    """A grandchild in a session of its own, deaf to SIGTERM, with every descriptor closed."""
    if os.fork() == 0:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if os.fork() == 0:
            os.closerange(0, 1024)
            time.sleep(600)
        os._exit(0)
    return "hidden child"


def flood(event):
    line = b"x" * 65536
    for _ in range(event["megabytes"] * 16):
        os.write(1, line)
    return "flooded"


def long_line_to_stderr(event):
    sys.stderr.write("\\x1b[31m\\x00\\udcff" * 10000)
    return "said"


def close_everything(event):
    os.closerange(0, 65536)
    return "closed"


def close_standard(event):
    os.closerange(0, 3)
    return "closed"


def garbage_to_sockets(event):
    for name in os.listdir("/proc/self/fd"):
        try:
            if "socket:" in os.readlink("/proc/self/fd/" + name):
                os.write(int(name), b"\\xff" * 4096)
        except OSError:
            pass
    return "garbage"


def a_set(event):
    return {1, 2, 3}


def a_loop(event):
    value = []
    value.append(value)
    return value


def surrogate(event):
    return "\\ud800"


def huge(event):
    return "x" * (7 << 20)


def recursion(event):
    return recursion(event)


def thread(event):
    threading.Thread(target=time.sleep, args=(600,)).start()
    return "thread"


def no_folder(event):
    folder = os.path.join(os.environ.get("TMPDIR", "/tmp"), "gone-%d" % os.getpid())
    os.mkdir(folder)
    os.chdir(folder)
    os.rmdir(folder)
    return "gone"


def breaks_asyncio(event):
    asyncio.new_event_loop = None
    asyncio.events._set_running_loop = None
    asyncio.BaseEventLoop.close = None
    for name in list(sys.modules):
        if "loopwarden" in name:
            del sys.modules[name]
    return "broken"


def handler(event, context):
    return globals()[event["do"]](event)
'''

# What is done, and how the invocation may end: outcomes, and the type of the error where it is settled.
FAULTS = [
    ("nothing", {"ok"}, None),
    ("raises", {"error"}, "ValueError"),
    ("sys_exit", {"crashed"}, None),
    ("os_exit", {"crashed"}, None),
    ("cancelled", {"crashed", "error"}, None),  # up to 3.7 CancelledError was an Exception
    ("interrupted", {"crashed"}, None),
    ("segfault", {"crashed"}, None),
    ("abort", {"crashed"}, None),
    ("killed", {"crashed"}, None),
    ("stopped", {"timeout"}, None),
    ("spins", {"timeout"}, None),
    ("sleeps", {"timeout"}, None),
    ("deaf", {"timeout"}, None),
    ("stuck_loop", {"timeout"}, None),
    ("child", {"ok"}, None),
    ("hidden_child", {"ok"}, None),
    ("flood", {"ok"}, None),
    ("long_line_to_stderr", {"ok", "error"}, None),
    ("close_everything", {"crashed"}, None),
    ("close_standard", {"ok"}, None),
    ("garbage_to_sockets", {"crashed"}, None),
    ("a_set", {"error"}, "Runtime.MarshalError"),
    ("a_loop", {"error"}, "Runtime.MarshalError"),
    ("surrogate", {"ok", "error"}, None),
    ("huge", {"error"}, "Function.ResponseSizeTooLarge"),
    ("recursion", {"error"}, "RecursionError"),
    ("thread", {"ok"}, None),
    ("no_folder", {"ok"}, None),
    ("breaks_asyncio", {"ok", "error"}, None),
]

# What spoils the environment for later invocations, by no one's fault but the handler's.
SPOILS = {"breaks_asyncio"}

# Modules that cannot be loaded, and how the invocation may end.
MODULES = [
    ("raises-at-import", "raise ValueError('no')", {"error"}),
    ("no-syntax", "def handler(:", {"error"}),
    ("no-handler", "def other(event, context): pass", {"error"}),
    ("not-callable", "handler = 3", {"error"}),
    ("missing-package", "import there_is_no_such_package", {"error"}),
    ("exits-at-import", "import sys; sys.exit(0)", {"error", "crashed"}),
    ("dies-at-import", "import os; os._exit(9)", {"error", "crashed"}),
    ("hangs-at-import", "import time; time.sleep(600)", {"error", "timeout"}),
]

TIMEOUT = 1.5  # seconds, of the plugin


class FaultTests(harness.ServiceTestCase):
    def setUp(self):
        super().setUp()
        plugins = self.scratch / "plugins"
        for host in ("bare", "per-invocation"):
            harness.write_plugin(plugins, "worst-" + host, HANDLER, host=host, timeout=TIMEOUT)
        harness.write_plugin(plugins, "neighbour", "def handler(event, context): return event")
        for name, source, _ in MODULES:
            harness.write_plugin(plugins, name, source, timeout=TIMEOUT, initTimeout=1)
        self.daemon = self.enterContextLater(harness.Daemon(plugins=[plugins], settings="drain: 1\n"))

    def enterContextLater(self, context):
        value = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return value

    def test_every_fault_ends_in_one_terminal_state_cold_and_warm(self):
        asked, worst = 0, {}
        neighbour = _Neighbour(self.daemon)
        with neighbour, self.daemon.connect() as connection:
            for host in ("bare", "per-invocation"):
                function = "worst-" + host
                for do, outcomes, error_type in FAULTS:
                    for start in ("cold", "warm"):
                        with self.subTest(do, host=host, start=start):
                            event = {"do": do, "megabytes": 8}
                            if start == "warm":
                                before = connection.invoke(function, {"do": "nothing"}, cold=do in SPOILS)
                                asked += 1
                                self.assertEqual(before["invocation"]["outcome"], "ok", before)
                            began = time.monotonic()
                            reply = connection.invoke(function, event, cold=start == "cold")
                            asked += 1
                            worst[do] = max(worst.get(do, 0), time.monotonic() - began)
                            invocation = reply["invocation"]
                            self.assertEqual(invocation["start"], start)
                            self.assertIn(invocation["outcome"], outcomes, reply)
                            if error_type:
                                self.assertEqual(invocation["errorType"], error_type)
                            # Deadline, and the time to end it, of a busy machine.
                            self.assertLess(worst[do], TIMEOUT + 20)
                            # The next is served as if nothing had been, by a new environment if need be.
                            after = connection.invoke(function, {"do": "nothing", "answer": 7}, cold=do in SPOILS)
                            asked += 1
                            self.assertEqual((after["invocation"]["outcome"], after["result"]), ("ok", 7), after)
        # No other function felt any of it.
        self.assertEqual(neighbour.failures, [])
        self.assertGreater(neighbour.count, 50)
        rows = self.daemon.rows(
            "SELECT outcome, count(*) FROM invocation JOIN function ON function.id = function"
            " WHERE name LIKE 'worst-%' GROUP BY 1"
        )
        self.assertEqual(sum(count for _, count in rows), asked)
        self.assertLessEqual({outcome for outcome, _ in rows}, {"ok", "error", "timeout", "crashed"})
        self._assert_ends_clean()

    def test_modules_that_cannot_be_loaded(self):
        with self.daemon.connect() as connection:
            for name, _, outcomes in MODULES:
                with self.subTest(name):
                    for _ in range(2):
                        reply = connection.invoke(name)
                        self.assertIn(reply["invocation"]["outcome"], outcomes, reply)
                        self.assertTrue(reply["invocation"]["errorType"], reply)
            self.assertEqual(connection.invoke("neighbour", 1)["result"], 1)
        self._assert_ends_clean()

    def test_children_of_a_handler_end_with_its_environment(self):
        with self.daemon.connect() as connection:
            for do in ("child", "hidden_child", "thread"):
                with self.subTest(do):
                    self.assertEqual(connection.invoke("worst-bare", {"do": do})["invocation"]["outcome"], "ok")
                    # This ends the environment, and so the children must go, though the daemon goes on.
                    self.assertEqual(
                        connection.invoke("worst-bare", {"do": "killed"})["invocation"]["outcome"], "crashed"
                    )
                    daemon = self.daemon.process.pid
                    harness.wait_until(lambda daemon=daemon: not harness.descendants(daemon), "all are gone", 2)
                    self.assertEqual(harness.leftovers(), {})

    def test_a_flood_of_output_is_bounded(self):
        with self.daemon.connect(timeout=120) as connection:
            connection.invoke("worst-bare", {"do": "flood", "megabytes": 16})
            before = harness.resident(self.daemon.process.pid)
            reply = connection.invoke("worst-bare", {"do": "flood", "megabytes": 256})
            self.assertIn(reply["invocation"]["outcome"], {"ok", "timeout"})
            self.assertLess(harness.resident(self.daemon.process.pid) - before, 16 * 1024)

    def test_results_are_told_apart(self):
        with self.daemon.connect() as connection:
            for answer in (None, 0, "", [], {}, "ä\u2028", 1.5, {"a": [1, {"b": None}]}, 10**30):
                with self.subTest(repr(answer)):
                    reply = connection.invoke("worst-bare", {"do": "nothing", "answer": answer})
                    self.assertEqual(reply["result"], answer)

    def test_a_client_that_hangs_up_does_not_end_the_invocation(self):
        with self.daemon.connect() as connection:
            connection.connect()
            body = json.dumps({"do": "sleeps", "seconds": 0.3})
            connection.request("POST", "/v1/functions/worst-bare/invocations", body)
        harness.wait_until(
            lambda: self.daemon.rows("SELECT uid FROM invocation WHERE outcome = 'ok'"), "it is recorded"
        )

    def _assert_ends_clean(self):
        self.assertEqual(self.daemon.stop(), 0, self.daemon.log[-2000:])
        self.assertNothingLeft()
        self.assertEqual(self.daemon.rows("SELECT uid FROM invocation WHERE outcome IS NULL"), [])
        self.assertEqual(self.daemon.rows("PRAGMA integrity_check"), [("ok",)])


class _Neighbour:
    """Invokes a healthy function all the while."""

    def __init__(self, daemon):
        self._daemon = daemon
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.count, self.failures = 0, []

    def _run(self):
        with self._daemon.connect() as connection:
            while not self._over.wait(0.02):
                reply = connection.invoke("neighbour", self.count)
                if (reply["invocation"]["outcome"], reply["result"]) != ("ok", self.count):
                    self.failures.append(reply)
                self.count += 1

    def __enter__(self):
        self._thread.start()

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()


if __name__ == "__main__":
    unittest.main()
