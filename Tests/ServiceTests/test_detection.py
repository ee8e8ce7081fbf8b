"""What must be seen though the handler hides it, or dies over it; and what the interpreter is that sees it."""

import json
import pathlib
import re
import unittest

import harness

HANDLER = """
import asyncio
import os
import signal
import sys
import threading

kept = []


def swallowed(event):
    loop = asyncio.new_event_loop()
    loop.close()
    try:
        loop.call_soon(print)
    except Exception:
        pass
    return "fine"


def dies(event):
    swallowed(event)
    os.kill(os.getpid(), signal.SIGKILL)


def hangs(event):
    swallowed(event)
    while True:
        signal.pause()


def in_a_thread(event):
    thread = threading.Thread(target=swallowed, args=(event,), name="helper")
    thread.start()
    thread.join()


def leaks(event):
    loop = asyncio.new_event_loop()
    kept.append(loop)
    loop.run_until_complete(asyncio.sleep(0))


def prefix(event):
    return [sys.prefix, "%d.%d" % sys.version_info[:2]]



def handler(event, context):
    return globals()[event["do"]](event)
"""


class DetectionTests(harness.ServiceTestCase):
    def setUp(self):
        super().setUp()
        harness.write_plugin(self.scratch / "plugins", "subject", HANDLER, host="bare", timeout=1)

    def line(self, text):
        return 1 + [line.strip() for line in HANDLER.splitlines()].index(text)

    def test_a_use_after_close_is_told_though_the_handler_hides_it(self):
        with harness.Daemon(plugins=[self.scratch / "plugins"]) as daemon, daemon.connect() as connection:
            for do, outcome in (("swallowed", "ok"), ("in_a_thread", "ok"), ("dies", "crashed"), ("hangs", "timeout")):
                with self.subTest(do):
                    reply = connection.invoke("subject", {"do": do}, cold=True)
                    self.assertEqual(reply["invocation"]["outcome"], outcome)
                    (finding,) = reply["findings"]
                    self.assertEqual(finding["rule"], "closed-loop-reuse")
                    roles = {each["role"]: each["line"] for each in finding["related"]}
                    self.assertEqual(roles["created"], self.line("loop = asyncio.new_event_loop()"))
                    self.assertEqual(roles["closed"], self.line("loop.close()"))
                    self.assertEqual(roles["used"], self.line("loop.call_soon(print)"))
                    # What a dying worker leaves is in the history like anything else.
                    timeline = daemon.json("show", reply["invocation"]["id"])["timeline"]
                    events = [each["event"] for each in timeline if each["loop"]]
                    self.assertEqual(events, ["loop-created", "loop-closed", "used-after-close"])

    def test_a_leak_is_told_with_its_descriptors_and_when_they_run_out(self):
        with harness.Daemon(plugins=[self.scratch / "plugins"]) as daemon, daemon.connect() as connection:
            for _ in range(3):
                reply = connection.invoke("subject", {"do": "leaks"})
            (finding,) = reply["findings"]
            self.assertEqual(finding["rule"], "leaked-loop")
            self.assertRegex(finding["message"], r"9 (file )?descriptors")
            limit = daemon.rows("SELECT descriptorLimit, descriptorsAtReady FROM environment")[0]
            # Three for each invocation: the one that finds none left can be told.
            exhausted = (limit[0] - limit[1]) // 3
            (told,) = re.findall(r"out of .* in invocation (\d+)", finding["message"])
            self.assertLessEqual(abs(int(told) - exhausted), 2)
            leaked = daemon.json("loops", "--leaked")["loops"]
            self.assertEqual(len(leaked), 3)

    def test_the_interpreter_is_a_version_a_path_or_a_virtual_environment(self):
        pythons = harness.pythons()
        for number, python in enumerate(pythons):
            venv = pathlib.Path(python.path).parent.parent
            for kind, value in (("version", python.version), ("path", python.path), ("venv", venv)):
                name = "{}-{}".format(kind, number)
                harness.write_plugin(self.scratch / "plugins", name, HANDLER, python="'{}'".format(value))
        with harness.Daemon(plugins=[self.scratch / "plugins"]) as daemon, daemon.connect() as connection:
            for number, python in enumerate(pythons):
                venv = str(pathlib.Path(python.path).parent.parent)
                for kind in ("version", "path", "venv"):
                    with self.subTest(kind, python=python.version):
                        reply = connection.invoke("{}-{}".format(kind, number), {"do": "prefix"})
                        self.assertEqual(reply["invocation"]["outcome"], "ok", reply["result"])
                        prefix, version = reply["result"]
                        self.assertEqual(version, python.version)
                        if kind != "version":
                            self.assertEqual(prefix, venv)

    def test_a_rule_that_is_off_is_silent_and_back_after_a_recheck(self):
        settings = "rules:\n  off: [closed-loop-reuse]\n"
        with harness.Daemon(plugins=[self.scratch / "plugins"], settings=settings) as daemon:
            with daemon.connect() as connection:
                self.assertEqual(connection.invoke("subject", {"do": "swallowed"})["findings"], [])
            daemon.stop()
            daemon.settings = "durability: power\n"
            daemon.start()
            self.assertEqual(daemon.json("findings")["findings"], [])
            daemon.json("recheck")
            (finding,) = daemon.json("findings")["findings"]
            self.assertEqual(finding["rule"], "closed-loop-reuse")
            done = daemon.run("invoke", "subject", "--payload", json.dumps({"do": "swallowed"}))
            self.assertIn("closed-loop-reuse", done.stderr)


if __name__ == "__main__":
    unittest.main()
