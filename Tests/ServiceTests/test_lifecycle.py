"""How environments live: loading in vain and again, resets and what they keep, ends and their budgets, cold starts."""

import contextlib
import json
import pathlib
import signal
import time
import unittest

import harness

#: Notes each time that it is loaded, and does then what the test says.
LOADED = """
import os, pathlib, sys, time

LOG = pathlib.Path(os.environ["LOG"])
with LOG.open("a") as file:
    file.write("loaded\\n")
LOADS = len(LOG.read_text().splitlines())
{}

def handler(event, context):
    return LOADS
"""
#: What a handler finds of the invocations before it.
SCRATCH = """
import os, pathlib, sys, tempfile, time

count = 0


def handler(event, context):
    global count
    count += 1
    file = pathlib.Path(tempfile.gettempdir(), "kept")
    found = file.read_text() if file.exists() else None
    file.write_text("written")
    if event.get("do") == "sleep":
        time.sleep(60)
    if event.get("do") == "exit":
        os._exit(3)
    return [found, count, os.environ["TMPDIR"], context.log_stream_name]
"""
#: Says how far it got at its end.
ENDS = """
import atexit, os, pathlib, signal, sys, time

LOG = pathlib.Path(os.environ["LOG"])


def say(text):
    with LOG.open("a") as file:
        file.write(text + "\\n")


def on_signal(number, frame):
    say("SIGTERM")
    time.sleep(float(os.environ.get("LINGER", "0")))
    say("done")
    sys.exit(0)


atexit.register(say, "atexit")
if "LINGER" in os.environ:
    signal.signal(signal.SIGTERM, on_signal)


def handler(event, context):
    return os.getpid()
"""


class LifeTestCase(harness.ServiceTestCase):
    def setUp(self):
        super().setUp()
        self.note = self.scratch / "log"
        self.daemon = harness.Daemon().start()
        self.addCleanup(self.daemon.__exit__)
        self.line = harness.Connection(self.daemon.socket)
        self.addCleanup(self.line.close)

    def add(self, handler, name="test", environment=(), **keys):
        """Writes a plugin and adds it."""
        folder = self.scratch / name
        folder.mkdir(exist_ok=True)
        (folder / "handler.py").write_text(handler)
        lines = ["name: " + name, "handler: handler.handler", *("{}: {}".format(*each) for each in keys.items())]
        lines += ["environment:", "  LOG: " + str(self.note), *("  {}: {}".format(*each) for each in environment)]
        (folder / "plugin.yaml").write_text("\n".join(lines) + "\n")
        status, reply = self.line.ask("POST", "/v1/functions", json.dumps({"path": str(folder)}))
        self.assertEqual(status, 201, reply)
        return folder

    def invoke(self, event=None, name="test", cold=False):
        return self.line.invoke(name, event, cold)

    def detail(self, reply):
        """All that the history has of an invocation."""
        status, detail = self.line.ask("GET", "/v1/invocations/" + reply["invocation"]["id"])
        self.assertEqual(status, 200)
        return detail["invocation"]

    def inits(self, reply):
        return [(each["phase"], each["status"]) for each in self.detail(reply)["inits"]]

    def loads(self):
        return len(self.note.read_text().splitlines()) if self.note.exists() else 0


class InitTests(LifeTestCase):
    def test_what_fails_to_load_is_loaded_again_inside_the_invocation(self):
        self.add(LOADED.format("if LOADS == 1: raise ValueError('only once')"), host="aws-lambda")
        reply = self.invoke()
        self.assertEqual((reply["invocation"]["outcome"], reply["result"]), ("ok", 2))
        detail = self.detail(reply)
        self.assertEqual(self.inits(reply), [("init", "error"), ("invoke", "success")])
        self.assertEqual(detail["inits"][0]["errorType"], "ValueError")
        self.assertEqual(detail["initNs"], sum(each["durationNs"] for each in detail["inits"]))
        self.assertEqual((detail["cause"], detail["ordinal"], reply["findings"]), ("first", 0, []))
        # One environment, whose next invocation is warm.
        self.assertEqual(self.invoke()["result"], 2)
        self.assertEqual(self.daemon.rows("SELECT count(*) FROM environment"), [(1,)])
        self.assertEqual(self.inits(self.invoke()), [])

    def test_what_never_loads_is_loaded_twice_and_then_once_for_each_invocation(self):
        self.add(LOADED.format("import no_such_module"), host="aws-lambda")
        reply = self.invoke()
        self.assertEqual(reply["result"]["errorType"], "Runtime.ImportModuleError")
        self.assertEqual(self.inits(reply), [("init", "error"), ("invoke", "error")])
        self.assertEqual(self.loads(), 2)
        # A reset environment has no init of its own.
        for number in 3, 4, 5, 6, 7, 8:
            reply = self.invoke()
            self.assertEqual((self.inits(reply), self.loads()), ([("invoke", "error")], number))
            self.assertEqual(reply["invocation"]["cause"], "init failure")

    def test_elsewhere_it_is_loaded_once_unless_the_lambda_api_asks(self):
        self.add(LOADED.format("raise ValueError('always')"))
        reply = self.invoke()
        self.assertEqual((self.loads(), reply["result"]["errorType"]), (1, "ValueError"))
        self.assertEqual(self.inits(reply), [("init", "error")])
        status, answer = self.line.ask("POST", "/2015-03-31/functions/test/invocations", "{}", {})
        self.assertEqual((status, answer["errorType"]), (200, "ValueError"))
        self.assertEqual(self.loads(), 2)  # the place was reset: inside the invocation at once

    def test_a_limit_on_init_and_then_that_of_the_invocation(self):
        hang = self.scratch / "hang"
        hang.touch()
        wait = "if os.path.exists({!r}): time.sleep(60)".format(str(hang))
        self.add(LOADED.format(wait), host="aws-lambda", initTimeout=1, timeout=4)
        reply = self.invoke()
        self.assertEqual(reply["invocation"]["outcome"], "timeout")
        self.assertTrue(reply["result"]["errorMessage"].endswith("Task timed out after 4.00 seconds"), reply["result"])
        self.assertEqual(self.inits(reply), [("init", "timeout"), ("invoke", "timeout")])
        self.assertEqual([each["durationNs"] for each in self.detail(reply)["inits"]], [1_000_000_000, 4_000_000_000])
        hang.unlink()
        reply = self.invoke()
        self.assertEqual(self.inits(reply), [("invoke", "success")])
        self.assertEqual(reply["invocation"]["cause"], "timeout")

    def test_the_time_of_the_invocation_is_what_loading_has_left_of_it(self):
        self.add(
            LOADED.format("time.sleep(0.7)\nif LOADS == 1: raise ValueError")
            + "def handler(event, context):\n    return context.get_remaining_time_in_millis()\n",
            host="aws-lambda",
            timeout=20,
        )
        self.assertLess(self.invoke()["result"], 19_300)
        self.assertGreater(self.invoke()["result"], 19_300)

    def test_a_crash_at_import_is_tried_until_the_time_is_over(self):
        crash = "os.kill(os.getpid(), 11)"
        self.add(LOADED.format(crash), host="aws-lambda", timeout=2)
        reply = self.invoke()
        self.assertEqual(reply["invocation"]["errorType"], "Sandbox.Timedout")
        self.assertGreater(self.loads(), 2)
        inits = self.inits(reply)
        self.assertEqual(inits[:2], [("init", "error"), ("invoke", "error")])
        self.assertEqual(inits[-1], ("invoke", "timeout"))
        # Elsewhere it is told at once.
        self.add(LOADED.format(crash), name="other")
        reply = self.invoke(name="other")
        self.assertIn("signal: segmentation fault", reply["result"]["errorMessage"])

    def test_check_tries_no_more_often_than_on_other_hosts(self):
        folder = self.add(LOADED.format("import no_such_module"))
        loads = []
        for host in "per-invocation", "aws-lambda":
            self.note.unlink(missing_ok=True)
            done = harness.cli("check", folder, "--host", host, "--schedule", "warm", patience=60)
            self.assertEqual(done.returncode, 2, done.stdout)
            self.assertIn("No module named 'no_such_module'", done.stdout)
            loads.append(self.loads())
        self.assertEqual(*loads)


class ResetTests(LifeTestCase):
    def test_a_reset_keeps_files_and_no_memory(self):
        for host in "aws-lambda", "per-invocation":
            with self.subTest(host):
                self.add(SCRATCH, name=host, host=host, timeout=4)
                first, second, third, again = (
                    self.invoke(event, name=host) for event in ({}, {"do": "sleep"}, {"do": "exit"}, {})
                )
                found, count, folder, stream = first["result"]
                self.assertEqual((found, count), (None, 1))
                self.assertEqual(pathlib.Path(folder, "kept").read_text(), "written")
                self.assertEqual(second["invocation"]["outcome"], "timeout")
                self.assertEqual((third["invocation"]["outcome"], third["invocation"]["cause"]), ("crashed", "timeout"))
                self.assertEqual(again["result"], ["written", 1, folder, stream])
                self.assertEqual(again["invocation"]["cause"], "exit")
                # Three processes, one after the other in one place, each with the name of the one before.
                details = [self.detail(each) for each in (second, third, again)]
                ids = [each["environment"] for each in details]
                self.assertEqual(len(set(ids)), 3)
                self.assertEqual([each["predecessor"] for each in details], [None, ids[0], ids[1]])
                self.assertEqual([each["shutdownReason"] for each in details], ["TIMEOUT", "FAILURE", None])
                # Who asks for a cold start gets a place of his own.
                new = self.invoke(name=host, cold=True)["result"]
                self.assertEqual(new[:2], [None, 1])
                self.assertNotEqual(new[2:], [folder, stream])

    def test_the_scratch_folder_goes_with_its_environment(self):
        folder = self.add(SCRATCH, keepAlive=1)
        kept = pathlib.Path(self.invoke()["result"][2])
        self.assertTrue(kept.is_dir())
        harness.wait_until(lambda: not kept.exists(), "an environment that was idle is gone")
        kept = pathlib.Path(self.invoke()["result"][2])
        self.invoke({"do": "exit"})
        self.assertTrue(kept.exists())
        harness.wait_until(lambda: not kept.exists(), "a place that nobody has taken is given up")
        kept = pathlib.Path(self.invoke()["result"][2])
        self.invoke({"do": "exit"})
        (folder / "handler.py").write_text(SCRATCH + "\n")
        found, _, other, _ = self.invoke()["result"]
        self.assertIsNone(found)  # other code is elsewhere
        self.assertNotEqual(other, str(kept))
        self.line.close()
        self.assertEqual(self.daemon.stop(), 0)
        self.assertFalse(pathlib.Path(other).exists())
        self.assertEqual([each for each in self.daemon.folder.rglob("kept")], [])

    def test_a_daemon_that_is_killed_leaves_no_scratch_folder_to_the_next(self):
        self.add(SCRATCH)
        kept = pathlib.Path(self.invoke()["result"][2])
        self.line.close()
        self.daemon.kill()
        self.assertTrue(kept.exists())
        self.daemon.start()
        self.assertFalse(kept.exists())

    def test_a_manifest_may_say_where_temporary_files_go(self):
        self.add(SCRATCH, environment=[("TMPDIR", str(self.scratch))])
        self.assertEqual(self.invoke()["result"][2], str(self.scratch))


class ShutdownTests(LifeTestCase):
    def ended(self, environment=(), **keys):
        """What an environment has said at its end, and how long that took."""
        self.note.unlink(missing_ok=True)
        self.add(ENDS, environment=environment, **keys)
        reply = self.invoke()
        pid = reply["result"]
        state = pathlib.Path("/proc", str(pid), "stat")
        asleep = 0
        while asleep < 10:  # it has answered, and is about to wait for what comes next
            asleep = asleep + 1 if state.read_text().rpartition(")")[2].split()[0] == "S" else 0
            time.sleep(0.005)
        began = time.monotonic()
        status, _ = self.line.ask("DELETE", "/v1/functions/test")
        self.assertIn(status, (200, 204))
        harness.wait_until(lambda: not pathlib.Path("/proc", str(pid)).exists(), "the process is gone")
        took = time.monotonic() - began
        detail = harness.wait_until(
            lambda: (lambda found: found if found["end"] else None)(self.detail(reply)), "the end is in the history"
        )
        self.assertEqual((detail["end"], detail["shutdownReason"]), ("function removed", "SPINDOWN"))
        return (self.note.read_text().split() if self.note.exists() else []), took

    def test_budgets(self):
        lingers = [("LINGER", "0")]
        # Without extensions: SIGKILL, and nothing is said.
        self.assertEqual(self.ended(lingers, host="aws-lambda")[0], [])
        self.assertEqual(self.ended(lingers, shutdown="0ms")[0], [])
        # With one: SIGTERM, which the handler's own code may hear.
        self.assertEqual(self.ended(lingers, shutdown="500ms")[0], ["SIGTERM", "done", "atexit"])
        self.assertEqual(self.ended(shutdown="500ms")[0], [])  # SIGTERM ends what does not mind it
        # On AWS Lambda Python waits in a library up to 3.11, and hears nothing there.
        for python in harness.pythons():
            if python.key[:2] in ((3, 11), (3, 12)):
                heard = ["SIGTERM", "done", "atexit"] if python.key >= (3, 12) else []
                with self.subTest(python.version):
                    keys = {"host": "aws-lambda", "shutdown": "500ms", "python": python.path}
                    self.assertEqual(self.ended(lingers, **keys)[0], heard)
        # And SIGKILL for who takes longer than he has: 30 % of two seconds.
        said, took = self.ended([("LINGER", "20")], shutdown="2s")
        self.assertEqual(said, ["SIGTERM"])
        self.assertGreater(took, 0.55)
        self.assertLess(took, 15)

    def test_a_budget_that_there_is_not(self):
        folder = self.add(ENDS)
        (folder / "plugin.yaml").write_text("handler: handler.handler\nshutdown: 3s\nepoch: older\n")
        done = harness.cli("check", folder)
        self.assertEqual(done.returncode, 78)
        self.assertIn('shutdown: expected one of 0ms, 500ms, 2s, found "3s"', done.stderr)
        self.assertIn('epoch: expected one of new, old, found "older"', done.stderr)


class ColdStartTests(LifeTestCase):
    HANDLER = """
import os, time
import other


def handler(event, context):
    if event.get("do") == "exit":
        os._exit(1)
    time.sleep(event.get("wait", 0))
    return [other.VALUE, os.environ.get("MODE")]
"""

    def cause(self, event=None, **options):
        reply = self.invoke(event, **options)
        self.assertEqual(reply["invocation"]["start"], "cold" if reply["invocation"]["cause"] else "warm")
        return reply["invocation"]["cause"]

    def test_every_cause(self):
        other = self.scratch / "test" / "other.py"
        other.parent.mkdir()
        other.write_text("VALUE = 1\n")
        folder = self.add(self.HANDLER, timeout=1, keepAlive=2, concurrency=2)
        self.assertEqual(self.cause(), "first")
        self.assertIsNone(self.cause())
        self.assertEqual(self.cause(cold=True), "requested")
        other.write_text("VALUE = 22\n")  # a module that the handler imports
        self.assertEqual(self.cause(), "code change")
        self.assertEqual(self.invoke()["result"], [22, None])
        self.assertEqual(self.invoke({"wait": 60})["invocation"]["outcome"], "timeout")
        self.assertEqual(self.cause(), "timeout")
        self.assertEqual(self.invoke({"do": "exit"})["invocation"]["outcome"], "crashed")
        self.assertEqual(self.cause(), "exit")
        other.write_text("raise ValueError\n")
        self.assertEqual(self.cause(), "code change")
        self.assertEqual(self.cause(), "init failure")
        other.write_text("VALUE = 3\n")
        self.assertEqual(self.cause(), "init failure")
        self.assertIsNone(self.cause())
        ended = "SELECT count(*) FROM environment WHERE endReason = 'idle reaped'"
        harness.wait_until(lambda: self.daemon.rows(ended)[0][0] > 0, "an environment was idle for too long")
        self.assertEqual(self.cause(), "idle reaped")
        # While one is busy.
        with contextlib.closing(harness.Connection(self.daemon.socket)) as line:
            line.request("POST", "/v1/functions/test/invocations", '{"wait": 0.9}')
            running = "SELECT count(*) FROM invocation WHERE outcome IS NULL"
            harness.wait_until(lambda: self.daemon.rows(running)[0][0] == 1, "an invocation runs")
            self.assertEqual(self.cause(), "scale-out")
            self.assertEqual(line.getresponse().status, 200)
        # The manifest, which is read again on SIGHUP, and its variables.
        manifest = folder / "plugin.yaml"
        manifest.write_text(manifest.read_text() + "  MODE: new\n")
        self.daemon.signal(signal.SIGHUP)
        self.daemon.wait_for_note("READY=1")
        reply = self.invoke()
        self.assertEqual((reply["invocation"]["cause"], reply["result"]), ("code change", [3, "new"]))


if __name__ == "__main__":
    unittest.main()
