"""Environments that are forked: what the history says of them, and what becomes of them when nothing can be forked."""

import contextlib
import json
import os
import pathlib
import re
import signal
import textwrap
import time
import unittest
from concurrent import futures

import harness

HANDLER = """
import os, sys

print("loaded")

def handler(event, context):
    print("called")
    return [os.getpid(), "heavy" in sys.modules]
"""


def is_running(process):
    """Nobody need have waited for it."""
    try:
        return pathlib.Path("/proc/{}/stat".format(process)).read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


class ForkingTests(harness.ServiceTestCase):
    def daemon(self, manifest="", modules=()):
        """A daemon with one function; `modules` are what may be preloaded."""
        root, self.libraries = self.scratch / "plugins/orders", self.scratch / "libraries"
        root.mkdir(parents=True)
        self.libraries.mkdir()
        python = harness.pythons()[-1]
        text = "handler: app.handler\nstart: fork\npython: {}\nenvironment: {{PYTHONPATH: {}}}\n"
        (root / "plugin.yaml").write_text(text.format(python.path, self.libraries) + manifest)
        (root / "app.py").write_text(HANDLER)
        for name, source in dict(modules).items():
            (self.libraries / (name + ".py")).write_text(textwrap.dedent(source))
        return harness.Daemon(plugins=[root.parent])

    def zygotes(self, daemon):
        """The numbers of the zygotes that there have been."""
        return [int(number) for number in re.findall(r"A zygote is ready.* process\.id=(\d+)", daemon.log)]

    def starts(self, daemon):
        return [start for (start,) in daemon.rows("SELECT start FROM environment ORDER BY startedAt")]

    def cold(self, daemon):
        with daemon.connect() as connection:
            reply = connection.invoke("orders", {}, cold=True)
        self.assertEqual(reply["invocation"]["outcome"], "ok", reply)
        return reply

    def test_forks_are_environments_like_any_other(self):
        with self.daemon("preload: heavy\n", {"heavy": "import json\n"}) as daemon:
            with daemon.connect() as connection:
                cold, warm = (connection.invoke("orders", {}) for _ in range(2))
            self.assertEqual(cold["result"], warm["result"])
            self.assertEqual(cold["result"][1], True)
            self.assertEqual([each["invocation"]["start"] for each in (cold, warm)], ["cold", "warm"])
            log = daemon.run("logs", "orders").stdout
            self.assertEqual(re.findall("loaded|called", log), ["loaded", "called", "called"])
            another = self.cold(daemon)
            self.assertNotEqual(another["result"], cold["result"])
            self.assertEqual(self.starts(daemon), ["fork", "fork"])
            self.assertEqual(len(self.zygotes(daemon)), 1)
        self.assertNothingLeft()

    def test_a_killed_zygote_is_replaced_and_its_forks_live_on(self):
        with self.daemon() as daemon:
            with daemon.connect() as connection:
                before = connection.invoke("orders", {})["result"]
                os.kill(self.zygotes(daemon)[0], signal.SIGKILL)
                self.assertEqual(connection.invoke("orders", {})["result"], before)
            for _ in range(10):
                self.cold(daemon)
                # Whether its end is known when the next one is wanted is for the system to decide.
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.zygotes(daemon)[-1], signal.SIGKILL)
            self.cold(daemon)
            self.assertGreater(len(self.zygotes(daemon)), 5)
            self.assertIn("fork", self.starts(daemon)[1:])
        self.assertNothingLeft()

    def wait_for(self, look):
        """What `look` finds, as soon as it finds something."""
        deadline = time.monotonic() + harness.PATIENCE
        while not (found := look()):
            self.assertLess(time.monotonic(), deadline, "what was waited for did not come")
            time.sleep(0.02)
        return found

    def status(self, daemon):
        """What `status` says of the only zygote."""
        (zygote,) = json.loads(daemon.run("status", "--json").stdout)["zygotes"]
        return zygote

    def settled(self, daemon, waiting=1):
        """The same, when so many forks wait."""
        return self.wait_for(lambda: next((z for z in [self.status(daemon)] if z["waiting"] == waiting), None))

    def waiting(self, daemon, zygote):
        """The numbers of the forks that wait: of the zygote's session no longer, but with its arguments."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            with contextlib.suppress(OSError, ValueError):
                if entry.name.isdigit() and (entry / "cmdline").read_bytes() == self.command(zygote):
                    found.append(int(entry.name))
        taken = {int(pid) for (pid,) in daemon.rows("SELECT processID FROM environment WHERE endedAt IS NULL")}
        return sorted(set(found) - taken - {zygote})

    def command(self, process):
        return pathlib.Path("/proc/{}/cmdline".format(process)).read_bytes()

    @contextlib.contextmanager
    def one_waits(self):
        """A daemon with one fork that waits, the number of its zygote and its own."""
        with self.daemon() as daemon:
            self.cold(daemon)
            zygote = self.settled(daemon)["processID"]
            (waiting,) = self.waiting(daemon, zygote)
            yield daemon, zygote, waiting
        self.assertNothingLeft()

    def test_forks_wait_and_are_told_of(self):
        with self.daemon("forkAhead: 2\n") as daemon:
            self.assertEqual(json.loads(daemon.run("status", "--json").stdout)["zygotes"], [])
            self.cold(daemon)
            zygote = self.settled(daemon, 2)
            self.assertEqual((zygote["state"], zygote["forks"], zygote["replaced"]), ("ready", 1, 0))
            self.assertEqual(zygote["processID"], self.zygotes(daemon)[0])
            waiting = self.waiting(daemon, zygote["processID"])
            self.assertEqual(len(waiting), 2)
            for key in ("memoryBytes", "waitingBytes"):
                self.assertGreater(zygote[key], 100_000)
            self.assertIn("forked from", daemon.run("status").stdout)
            self.assertIn(self.cold(daemon)["result"][0], waiting)
            self.assertEqual(self.settled(daemon, 2)["forks"], 2)
            # Others have taken its place, and the function's code has run in none of them.
            self.assertEqual(len(self.waiting(daemon, zygote["processID"])), 2)
            self.assertEqual(daemon.run("logs", "orders").stdout.count("loaded"), 2)
        self.assertNothingLeft()

    def test_none_waits_where_none_is_wanted(self):
        with self.daemon("forkAhead: 0\n") as daemon:
            for _ in range(2):
                self.cold(daemon)
            zygote = self.status(daemon)
            self.assertEqual((zygote["waiting"], zygote["forks"]), (0, 2))
            self.assertEqual(self.waiting(daemon, zygote["processID"]), [])
            self.assertEqual(self.starts(daemon), ["fork", "fork"])

    def test_a_fork_that_dies_while_it_waits_is_missed_by_nobody(self):
        with self.daemon() as daemon:
            self.cold(daemon)
            for _ in range(10):
                zygote = self.status(daemon)
                for process in self.waiting(daemon, zygote["processID"]):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(process, signal.SIGKILL)
                # Whether its end is known by now is for the system to decide.
                self.cold(daemon)
            outcomes = {outcome for (outcome,) in daemon.rows("SELECT DISTINCT outcome FROM invocation")}
            self.assertEqual(len(outcomes), 1)
            self.assertEqual(daemon.run("logs", "orders").stdout.count("called"), 11)
            self.assertIn("waited for its environment", daemon.log + daemon.run("status").stdout)
        self.assertNothingLeft()

    def test_a_fork_that_dies_before_it_has_begun_is_replaced(self):
        with self.one_waits() as (daemon, _, waiting):
            # It is taken, and never gets to know.
            os.kill(waiting, signal.SIGSTOP)
            with futures.ThreadPoolExecutor(1) as pool:
                reply = pool.submit(self.cold, daemon)
                self.wait_for(lambda: self.status(daemon)["forks"] == 2)
                os.kill(waiting, signal.SIGKILL)
                self.assertNotEqual(reply.result()["result"][0], waiting)
            self.assertEqual(self.starts(daemon), ["fork", "spawn"])
            self.assertIn("before it was an environment", daemon.log)
            self.assertEqual(daemon.run("logs", "orders").stdout.count("loaded"), 2)

    def test_a_waiting_fork_is_used_though_its_zygote_stands_still(self):
        with self.one_waits() as (daemon, zygote, waiting):
            os.kill(zygote, signal.SIGSTOP)
            self.assertEqual(self.cold(daemon)["result"][0], waiting)

    def test_waiting_forks_end_with_their_zygote_and_its_end_is_told(self):
        with self.one_waits() as (daemon, zygote, waiting):
            os.kill(zygote, signal.SIGKILL)
            self.wait_for(lambda: not is_running(waiting))
            self.cold(daemon)
            told = self.status(daemon)
            self.assertEqual((told["replaced"], told["reason"]), (1, "it has ended: signal 9"))
            self.assertIsNotNone(told["replacedAt"])

    def test_a_stopped_zygote_holds_up_nobody_for_ever(self):
        with self.daemon("forkAhead: 0\n") as daemon:
            self.cold(daemon)
            os.kill(self.zygotes(daemon)[0], signal.SIGSTOP)
            self.cold(daemon)
            self.assertEqual(self.starts(daemon), ["fork", "spawn"])
            self.assertIn("A zygote does not fork", daemon.log)
            self.cold(daemon)
            self.assertEqual(self.starts(daemon), ["fork", "spawn", "fork"])
        self.assertNothingLeft()

    def test_what_cannot_be_shared_is_told_and_the_environment_spawned(self):
        thread = "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
        with self.daemon("preload: [heavy]\n", {"heavy": thread}) as daemon:
            self.cold(daemon)
            self.cold(daemon)
            self.assertEqual(self.starts(daemon), ["spawn", "spawn"])
            self.assertEqual(daemon.log.count("heavy starts a thread when it is imported"), 1)
        self.assertNothingLeft()

    def test_a_module_that_never_comes_to_an_end_is_given_up(self):
        with self.daemon("preload: [heavy]\ninitTimeout: 1\n", {"heavy": "import time\ntime.sleep(600)\n"}) as daemon:
            self.cold(daemon)
            self.assertEqual(self.starts(daemon), ["spawn"])
            self.assertIn("was not ready in time", daemon.log)
        self.assertNothingLeft()

    def test_packages_that_change_make_another_zygote(self):
        with self.daemon("preload: [heavy]\n", {"heavy": ""}) as daemon:
            self.cold(daemon)
            (self.libraries / "another.py").write_text("")
            self.cold(daemon)
            self.cold(daemon)
            self.assertEqual(len(self.zygotes(daemon)), 2)
            self.assertEqual(self.starts(daemon), ["fork"] * 3)

    def test_nothing_is_left_of_a_killed_daemon(self):
        with self.daemon("forkAhead: 3\n") as daemon:
            self.cold(daemon)
            zygote = self.settled(daemon, 3)["processID"]
            processes = [zygote, *self.waiting(daemon, zygote)]
            self.assertEqual(len(processes), 4)
            daemon.kill()
            self.wait_for(lambda: not any(is_running(each) for each in processes))
        self.assertNothingLeft()

    def test_mistakes_are_told_with_their_line(self):
        root = self.scratch / "plugins/orders"
        root.mkdir(parents=True)
        (root / "app.py").write_text(HANDLER)
        for line, message in (
            ("start: fork\npreload: [heavy-stuff]\n", "plugin.yaml:3: preload: expected names of Python modules"),
            ("preload: [json]\n", "plugin.yaml:2: preload: it takes “start: fork”"),
            ("start: copy\n", "plugin.yaml:2: start:"),
            ("start: fork\nforkAhead: many\n", "plugin.yaml:3: forkAhead: expected a whole number from 0 to 64"),
            ("forkAhead: 1\n", "plugin.yaml:2: forkAhead: it takes “start: fork”"),
        ):
            (root / "plugin.yaml").write_text("handler: app.handler\n" + line)
            done = harness.cli("daemon", "--state", self.scratch / "s", "--plugins", root, "--check-config")
            self.assertIn(message, done.stdout + done.stderr)
            self.assertNotEqual(done.returncode, 0)


if __name__ == "__main__":
    unittest.main()
