"""Environments that are forked: what the history says of them, and what becomes of them when nothing can be forked."""

import contextlib
import os
import re
import signal
import textwrap
import unittest

import harness

HANDLER = """
import os, sys

print("loaded")

def handler(event, context):
    print("called")
    return [os.getpid(), "heavy" in sys.modules]
"""


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

    def test_a_stopped_zygote_holds_up_nobody_for_ever(self):
        with self.daemon() as daemon:
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
        with self.daemon() as daemon:
            self.cold(daemon)
            daemon.kill()
        self.assertNothingLeft()

    def test_mistakes_are_told_with_their_line(self):
        root = self.scratch / "plugins/orders"
        root.mkdir(parents=True)
        (root / "app.py").write_text(HANDLER)
        for line, message in (
            ("start: fork\npreload: [heavy-stuff]\n", "plugin.yaml:3: preload: expected names of Python modules"),
            ("preload: [json]\n", "plugin.yaml:2: preload: it takes “start: fork”"),
            ("start: copy\n", "plugin.yaml:2: start:"),
        ):
            (root / "plugin.yaml").write_text("handler: app.handler\n" + line)
            done = harness.cli("daemon", "--state", self.scratch / "s", "--plugins", root, "--check-config")
            self.assertIn(message, done.stdout + done.stderr)
            self.assertNotEqual(done.returncode, 0)


if __name__ == "__main__":
    unittest.main()
