"""`loopwarden preload suggest`: what it proposes by what cold starts took, and that it helps to do so."""

import re
import textwrap
import unittest

import harness

SLOW = "import time\ntime.sleep(0.03)\n"
HANDLER = """
import json, ssl, sqlite3, decimal, http.client
import heavy.part
import settings

def handler(event, context):
    import lazy
    return "fine"
"""
LIBRARIES = {
    "heavy/__init__.py": "",
    "heavy/part.py": "import deep\n" + SLOW,
    "deep.py": SLOW,
    "lazy.py": SLOW,
}


class PreloadTests(harness.ServiceTestCase):
    def daemon(self, handler=HANDLER, libraries=None, manifest="", own=None):
        """A daemon with the function `orders`; `libraries` are the modules of its layer, `own` those beside it."""
        self.root, layer = self.scratch / "plugins/orders", self.scratch / "layer"
        python = harness.pythons()[-1]
        self.lines = "handler: app.handler\npython: {}\nlayers: [{}]\n".format(python.path, layer)
        files = {self.root / "app.py": handler, self.root / "plugin.yaml": self.lines + manifest}
        files.update({self.root / name: text for name, text in (own or {"settings.py": SLOW}).items()})
        files.update({layer / name: text for name, text in (LIBRARIES if libraries is None else libraries).items()})
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text))
        return harness.Daemon(plugins=[self.root.parent])

    def cold(self, daemon, count=1):
        with daemon.connect() as connection:
            for _ in range(count):
                reply = connection.invoke("orders", {}, cold=True)
                self.assertEqual(reply["invocation"]["outcome"], "ok", reply)
        return reply["result"]

    def suggestion(self, daemon, count=None, late=()):
        """What is suggested, from so many cold starts, when it is known what the first invocation imports."""

        def told():
            reply = daemon.json("preload", "suggest", "orders")
            phases = {each["module"]: each["phase"] for each in reply["modules"] + reply["leftOut"]}
            is_whole = all(phases.get(name) == "first invocation" for name in late)
            return reply if is_whole and count in (None, reply["suggestion"]["coldStarts"]) else None

        reply = harness.wait_until(told, "{} cold starts are told with {}".format(count, late))
        self.assertEqual(reply["schema"], "loopwarden.preload/1")
        self.verdicts = {each["module"]: each["verdict"] for each in reply["modules"] + reply["leftOut"]}
        return reply["suggestion"]

    def starts(self, daemon):
        return [start for (start,) in daemon.rows("SELECT start FROM environment ORDER BY startedAt")]

    def imported(self, daemon):
        """The modules that were imported in each cold start, the latest last."""
        names = dict(daemon.rows("SELECT id, text FROM name"))
        rows = daemon.rows("SELECT imports FROM environment WHERE imports IS NOT NULL ORDER BY startedAt")
        return [{names[int(line.split()[0])] for line in text.splitlines()} for (text,) in rows]

    def test_what_is_suggested_is_imported_no_more_when_it_is_done(self):
        with self.daemon() as daemon:
            self.cold(daemon, 3)
            said = self.suggestion(daemon, 3, late=["lazy"])
            self.assertEqual((said["startMode"], said["coldStartMode"], said["preloaded"]), ("spawn", "spawn", []))
            self.assertLessEqual({"heavy.part", "lazy"}, set(said["preload"]))
            # What it imports in turn, what the function has itself, and what every zygote has need no place in a list.
            for name in ("deep", "heavy", "settings", "app", "json", "ssl"):
                self.assertNotIn(name, said["preload"])
            self.assertEqual(self.verdicts["settings"], "own")
            self.assertGreaterEqual(said["savedNs"], 60_000_000)
            self.assertGreaterEqual(said["savedLaterNs"], 30_000_000)
            self.assertTrue(0 < said["savedNs"] < said["initNs"], said)
            self.assertEqual(said["manifest"], ["start: fork", "preload: [{}]".format(", ".join(said["preload"]))])
            text = daemon.run("preload", "suggest", "orders").stdout
            for line in said["manifest"]:
                self.assertIn("\n  {}\n".format(line), text)

            # Nothing has changed by the question: the next one imports them again.
            self.cold(daemon)
            harness.wait_until(lambda: "lazy" in self.imported(daemon)[3], "the fourth is told")
            self.assertLessEqual({"heavy.part", "lazy", "settings"}, self.imported(daemon)[3])
            (self.root / "plugin.yaml").write_text(self.lines + "\n".join(said["manifest"]) + "\n")
            self.cold(daemon)
            self.assertEqual(self.starts(daemon), ["spawn"] * 4 + ["fork"])
            again = self.suggestion(daemon, 1)
            self.assertEqual(self.imported(daemon)[4] & set(said["preload"]), set())
            self.assertIn("settings", self.imported(daemon)[4])
            self.assertEqual((again["startMode"], again["preloaded"]), ("fork", said["preload"]))
            self.assertLessEqual(set(said["preload"]), set(again["preload"]))
        self.assertNothingLeft()

    def test_what_cannot_be_shared_is_left_out_and_what_a_zygote_has_refused(self):
        libraries = {
            "threads.py": "import threading, time\n"
            + SLOW
            + "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n",
            "opens.py": SLOW + "file = open(__file__)\n",
            "shared.py": SLOW,
        }
        handler = "import threads, opens, shared\ndef handler(event, context): return 1\n"
        with self.daemon(handler, libraries) as daemon:
            self.cold(daemon)
            said = self.suggestion(daemon, 1)
            self.assertEqual(self.verdicts["threads"], "thread")
            self.assertLessEqual({"opens", "shared"}, set(said["preload"]))
            (self.root / "plugin.yaml").write_text(self.lines + "start: fork\npreload: [shared, opens]\n")
            self.cold(daemon)
            self.assertEqual(self.starts(daemon), ["spawn", "spawn"])
            said = self.suggestion(daemon, 2)
            self.assertEqual(self.verdicts["opens"], "refused")
            self.assertEqual(said["preload"][0], "shared")
            self.assertNotIn("opens", said["preload"])
            text = daemon.run("preload", "suggest", "orders").stdout
            self.assertIn("opens a file or a socket when it is imported", text)
            self.assertIn("Gone: opens.", text)
            (self.root / "plugin.yaml").write_text(self.lines + "\n".join(said["manifest"]) + "\n")
            self.cold(daemon)
            self.assertEqual(self.starts(daemon)[-1], "fork")
            self.suggestion(daemon, 1)
            self.assertIn("opens", self.imported(daemon)[-1])
            self.assertNotIn("shared", self.imported(daemon)[-1])
        self.assertNothingLeft()

    def test_a_preloaded_module_of_a_layer_that_is_changed_is_loaded_anew(self):
        handler = "import shared\ndef handler(event, context): return shared.VALUE\n"
        with self.daemon(handler, {"shared.py": "VALUE = 1\n"}, "start: fork\npreload: [shared]\n") as daemon:
            with daemon.connect() as connection:
                replies = [connection.invoke("orders", {}) for _ in range(2)]
                (self.scratch / "layer/shared.py").write_text("VALUE = 'another'\n")
                replies += [connection.invoke("orders", {}) for _ in range(2)]
            self.assertEqual([reply["result"] for reply in replies], [1, 1, "another", "another"])
            causes = [reply["invocation"]["cause"] for reply in replies]
            self.assertEqual(causes, ["first", None, "code change", None])
            self.assertEqual(self.starts(daemon), ["fork", "fork"])

    def test_without_evidence_it_says_what_to_do(self):
        with self.daemon(manifest="probe: off\n") as daemon:
            handler = "def handler(event, context): return 1\n"
            for name, keys in (("own", {"runtime": "provided", "command": "[cat]"}), ("fresh", {})):
                path = harness.write_plugin(self.scratch / "more", name, handler, **keys)
                self.assertEqual(daemon.run("functions", "add", path).returncode, 0)
            self.cold(daemon)
            for name, words in (
                ("orders", "probe: off"),
                ("own", "brings its own runtime"),
                ("fresh", "loopwarden invoke fresh --cold --count 5"),
            ):
                done = daemon.run("preload", "suggest", name)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertIn(words, done.stdout)
                reply = daemon.json("preload", "suggest", name)
                self.assertEqual((reply["suggestion"]["manifest"], reply["modules"]), ([], []))
            done = daemon.run("preload", "suggest", "nobody")
            self.assertEqual((done.returncode, done.stdout), (66, ""))
            self.assertIn('There is no function named "nobody"', done.stderr)
        self.assertEqual(daemon.run("preload", "suggest", "orders").returncode, 69)

    def test_what_is_said_to_be_in_every_zygote_is(self):
        source = (harness.HOME / "Sources/LoopReports/Preload/ZygoteModules.swift").read_text()
        names = re.findall(r'"([a-z_.0-9]+)"', source.partition("let always")[2])
        self.assertGreater(len(names), 50)
        self.assertIn("ssl", names)
        handler = "import sys\nMISSING = [each for each in {!r} if each not in sys.modules]\n".format(
            [*names, "nothing"]
        )
        for python in harness.pythons():
            name = "on-{}".format(python.version.replace(".", "-"))
            harness.write_plugin(
                self.scratch / "plugins",
                name,
                handler + "def handler(event, context): return MISSING\n",
                python=python.path,
                start="fork",
            )
        with harness.Daemon(plugins=[self.scratch / "plugins"]) as daemon, daemon.connect() as connection:
            for python in harness.pythons():
                reply = connection.invoke("on-{}".format(python.version.replace(".", "-")), {})
                self.assertEqual(reply["result"], ["nothing"], python.version)
            self.assertEqual(set(self.starts(daemon)), {"fork"})


if __name__ == "__main__":
    unittest.main()
