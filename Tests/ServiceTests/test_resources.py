"""What environments may have of the machine, and what they have had of it: cgroups, memory, processors."""

import contextlib
import os
import pathlib
import subprocess
import unittest

import harness
import own_kernel

MB = 1 << 20

HANDLER = """
import os
import threading
import time

ticks = 0


def count():
    global ticks
    while True:
        time.sleep(0.005)
        ticks += 1


def handler(event, context):
    if event.get("count"):
        threading.Thread(target=count, daemon=True).start()
    if event.get("leave") and os.fork() == 0:
        os.setsid()
        time.sleep(600)
    held = b"x" * (event.get("mb", 0) << 20)
    time.sleep(event.get("seconds", 0))
    return [len(held), ticks]
"""
HEAVY = 'kept = b"x" * (200 << 20)\n' + HANDLER


def hierarchy():
    """A cgroup v2 in which groups can be made; None where there is none."""
    for path in map(pathlib.Path, ("/sys/fs/cgroup", "/sys/fs/cgroup/unified")):
        group = path / "lw-probe-{}".format(os.getpid())
        with contextlib.suppress(OSError):
            group.mkdir()
            try:
                (group / "cgroup.freeze").write_text("0")
                return path
            finally:
                group.rmdir()
    return None


def groups_below(group):
    return sorted(str(path.relative_to(group)) for path in group.glob("**/") if path != group)


def checks(document):
    """What `doctor` says, by what it looked at."""
    return {row["check"]: row for row in document["checks"]}


class ResourceTestCase(harness.ServiceTestCase):
    def plugin(self, name, code=HANDLER, **keys):
        return harness.write_plugin(self.scratch, name, code, **{"timeout": 20, **keys})

    def assert_killed_for_memory(self, reply, limit=128):
        """It ended as recorded from AWS Lambda."""
        invocation = reply["invocation"]
        self.assertEqual(invocation["outcome"], "crashed", reply)
        self.assertEqual(reply["result"]["errorType"], "Runtime.ExitError")
        self.assertRegex(
            reply["result"]["errorMessage"],
            "^RequestId: [0-9a-f-]{36} Error: Runtime exited with error: signal: killed$",
        )
        self.assertEqual(invocation["exceededMemoryBytes"], limit * MB)
        self.assertGreater(invocation["peakMemoryBytes"], limit * MB * 0.9)

    def assert_not_killed(self, reply, size):
        self.assertEqual(reply["invocation"]["outcome"], "ok", reply)
        self.assertEqual(reply["result"][0], size * MB)
        self.assertIsNone(reply["invocation"]["exceededMemoryBytes"])


class MemoryTests(ResourceTestCase):
    """Without cgroups: what the daemon itself sees."""

    settings = "cgroups: off\n"

    def test_the_most_memory_that_was_held_is_in_the_history(self):
        with harness.Daemon(plugins=[self.plugin("subject")], settings=self.settings) as daemon:
            with daemon.connect() as line:
                small, large, later = (line.invoke("subject", {"mb": size})["invocation"] for size in (0, 100, 0))
            self.assertGreater(small["peakMemoryBytes"], 5 * MB)
            self.assertLess(small["peakMemoryBytes"], 80 * MB)
            self.assertGreater(large["peakMemoryBytes"], 100 * MB)
            # Over all invocations of an environment, as on AWS Lambda.
            self.assertGreaterEqual(later["peakMemoryBytes"], large["peakMemoryBytes"])
            shown = daemon.json("show", large["id"])["invocation"]
            self.assertEqual(shown["peakMemoryBytes"], large["peakMemoryBytes"])
            self.assertIsNone(shown["exceededMemoryBytes"])
            rows = daemon.json("history")["invocations"]
            self.assertEqual(rows[1]["peakMemoryBytes"], large["peakMemoryBytes"])

    def test_a_limit_that_is_enforced_kills_as_on_lambda(self):
        plugin = self.plugin("subject", memory=128, memoryLimit="enforce")
        with harness.Daemon(plugins=[plugin], settings=self.settings) as daemon:
            with daemon.connect() as line:
                modest = line.invoke("subject", {"mb": 30})
                # It dies while it runs, and where it answers before anybody has looked.
                greedy = line.invoke("subject", {"mb": 200, "seconds": 15})
                quick = line.invoke("subject", {"mb": 200})
                again = line.invoke("subject", {"mb": 1})
            self.assert_not_killed(modest, 30)
            self.assert_killed_for_memory(greedy)
            self.assertLess(greedy["invocation"]["durationMs"], 14_000)
            self.assertEqual(quick["invocation"]["cause"], "memory limit")
            self.assert_killed_for_memory(quick)
            self.assert_not_killed(again, 1)
            self.assertEqual(again["invocation"]["cause"], "memory limit")
            shown = daemon.run("show", greedy["invocation"]["id"]).stdout
            self.assertIn("held more than the 128 MB", shown)
            self.assertIn("memory: in its manifest", shown)
            self.assertNotIn("held more", daemon.run("show", again["invocation"]["id"]).stdout)
            daemon.stop()
            ends = [row[0] for row in daemon.rows("SELECT endReason FROM environment ORDER BY id")]
            self.assertEqual(ends[:2], ["memory limit (128 MB)"] * 2)
            self.assertEqual(len(ends), 3)

    def test_a_handler_that_is_too_large_to_be_loaded_is_killed_then(self):
        plugin = self.plugin("subject", HEAVY, memory=128, memoryLimit="enforce")
        with harness.Daemon(plugins=[plugin], settings=self.settings) as daemon, daemon.connect() as line:
            self.assert_killed_for_memory(line.invoke("subject"))

    def test_nobody_is_killed_who_has_not_asked_for_it(self):
        plugins = [
            self.plugin("plain"),
            self.plugin("given", memory=128),
            self.plugin("off", memory=128, memoryLimit="off"),
        ]
        with harness.Daemon(plugins=plugins, settings=self.settings) as daemon, daemon.connect() as line:
            for name in ("plain", "given", "off"):
                self.assert_not_killed(line.invoke(name, {"mb": 200}), 200)

    def test_a_check_asks_other_questions(self):
        plugin = self.plugin("subject", HEAVY, memory=128, memoryLimit="enforce", cpu=0.5)
        done = harness.cli("check", plugin, "--schedule", "warm")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)


class WordsTests(ResourceTestCase):
    """What is said of what cannot be had, and of mistakes."""

    def test_what_has_no_effect_is_said_with_what_to_do(self):
        plugins = [
            self.plugin("half", cpu=0.5),
            self.plugin("given", memory=256),
            self.plugin("watched", memory=256, memoryLimit="enforce"),
            self.plugin("plain"),
        ]
        with harness.Daemon(plugins=plugins, settings="cgroups: off\n") as daemon:
            with daemon.connect() as line:
                for _ in range(2):
                    line.invoke("half", cold=True)
                line.invoke("plain")
            said = [text for text in daemon.log.splitlines() if "share of the processors has no effect" in text]
            self.assertEqual(len(said), 1, daemon.log)
            self.assertIn("half", said[0])
            found = checks(daemon.json("doctor"))
            self.assertEqual(found["cgroups"]["state"], "note")
            self.assertIn("switched off by the setting cgroups", found["cgroups"]["detail"])
            self.assertIn("cpu: 0.5 has no effect", found["resources of half"]["detail"])
            self.assertIn("memory: 256 is told to it, and not enforced", found["resources of given"]["detail"])
            self.assertIn("every 10 ms", found["resources of watched"]["detail"])
            self.assertNotIn("resources of plain", found)

    def test_mistakes_are_told_with_their_place(self):
        for key, value, expected in [
            ("cpu", "fast", "plugin.yaml:4: cpu: expected processors, a number from 0.01 to 256, or lambda"),
            ("cpu", "0", "plugin.yaml:4: cpu: expected processors"),
            ("cpu", "-1", "plugin.yaml:4: cpu: expected processors"),
            ("cpu", "nan", "plugin.yaml:4: cpu: expected processors"),
            ("memoryLimit", "enforced", 'memoryLimit: expected one of auto, enforce, off, found "enforced"; did you'),
        ]:
            with self.subTest(key=key, value=value):
                done = harness.cli("check", self.plugin("subject", **{key: value}))
                self.assertEqual(done.returncode, 78, done.stdout)
                self.assertIn(expected, done.stderr)
        for value in ("half", "sys/fs/cgroup"):
            daemon = harness.Daemon(settings="cgroups: {}\n".format(value))
            daemon.write_settings()
            done = harness.cli("daemon", "--config", daemon.config, "--check-config")
            self.assertEqual(done.returncode, 78)
            self.assertIn("cgroups: expected auto, off, or the absolute path of a cgroup", done.stderr)
            daemon._end()

    def test_a_path_that_is_no_cgroup_is_said_and_does_no_harm(self):
        place = self.scratch / "group"
        settings = "cgroups: {}\n".format(place)
        with harness.Daemon(plugins=[self.plugin("subject")], settings=settings) as daemon:
            with daemon.connect() as line:
                self.assert_not_killed(line.invoke("subject"), 0)
            self.assertIn("is no folder of a cgroup v2 hierarchy", daemon.log)
            self.assertIn("is no folder", checks(daemon.json("doctor"))["cgroups"]["detail"])
        self.assertFalse(place.exists())


class GroupTests(ResourceTestCase):
    """With cgroups: an environment is one thing, whatever its processes do."""

    def setUp(self):
        folder = hierarchy()
        if folder is None:
            self.skipTest("no cgroup v2 in which this user can make groups")
        super().setUp()
        self.base = folder / "lw-tests-{}-{}".format(os.getpid(), self.scratch.name)
        self.settings = "cgroups: {}\n".format(self.base)
        self.addCleanup(self.assert_no_group)

    def assert_no_group(self):
        left = groups_below(self.base) if self.base.exists() else None
        self.assertIsNone(left, "cgroups are left behind")

    def group_of(self, reply):
        return next(self.base.glob("loopwarden-*/" + reply["invocation"]["environment"]))

    def test_each_environment_has_a_group_and_goes_with_all_that_is_in_it(self):
        with harness.Daemon(plugins=[self.plugin("subject")], settings=self.settings) as daemon:
            with daemon.connect() as line:
                first = line.invoke("subject", {"leave": True})
                second = line.invoke("subject", cold=True)
                group, other = self.group_of(first), self.group_of(second)
                members = [int(pid) for pid in (group / "cgroup.procs").read_text().split()]
                self.assertEqual(len(members), 2)
                self.assertEqual(len((other / "cgroup.procs").read_text().split()), 1)
                # The leader alone is shot; what it has left goes with the group.
                os.kill(members[0], 9)
                harness.wait_until(lambda: not group.exists(), "the group is gone")
                self.assertNotIn(members[1], harness.descendants())
                self.assertTrue(other.exists())
            self.assertEqual(daemon.stop(), 0)
        self.assert_no_group()

    def test_a_frozen_environment_stands_still_by_its_group(self):
        plugin = self.plugin("subject", freeze="true")
        with harness.Daemon(plugins=[plugin], settings=self.settings) as daemon:
            with daemon.connect() as line:
                # A child in a session of its own stands still as well.
                first = line.invoke("subject", {"count": True, "leave": True})
                events = self.group_of(first) / "cgroup.events"
                harness.wait_until(lambda: "frozen 1" in events.read_text(), "it is frozen")
                # Not by signals.
                for pid in (events.parent / "cgroup.procs").read_text().split():
                    state = pathlib.Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()[0]
                    self.assertNotIn(state, "Tt")
                second = line.invoke("subject")
                self.assertEqual(second["invocation"]["start"], "warm")
                harness.wait_until(lambda: "frozen 1" in events.read_text(), "it is frozen again")
            freezes = daemon.json("show", first["invocation"]["id"])["freezes"]
            self.assertEqual({row["means"] for row in freezes}, {"cgroup"})
            # Its end comes while it is frozen.
            self.assertEqual(daemon.stop(), 0)

    def test_what_a_killed_daemon_has_left_is_ended_by_the_next(self):
        daemon = harness.Daemon(plugins=[self.plugin("subject", freeze="true")], settings=self.settings)
        with daemon:
            with daemon.connect() as line:
                reply = line.invoke("subject", {"leave": True})
            group = self.group_of(reply)
            # What has no mark and no kin, and only stands in the group.
            stranger = subprocess.Popen(["sleep", "600"])
            (group / "cgroup.procs").write_text(str(stranger.pid))
            daemon.kill()
            self.assertTrue(group.exists())
            daemon.start()
            self.assertFalse(group.exists())
            self.assertEqual(stranger.wait(harness.PATIENCE), -9)
            self.assertIn("Ended processes that an earlier daemon had left", daemon.log)
            with daemon.connect() as line:
                line.invoke("subject")

    def test_without_its_place_the_daemon_goes_on(self):
        with harness.Daemon(plugins=[self.plugin("subject")], settings=self.settings) as daemon:
            for group in self.base.glob("loopwarden-*"):
                group.rmdir()
            with daemon.connect() as line:
                for _ in range(2):
                    self.assert_not_killed(line.invoke("subject", cold=True), 0)
            self.assertEqual(daemon.log.count("An environment has no cgroup"), 1, daemon.log)

    def test_two_daemons_share_a_place(self):
        plugin = self.plugin("subject")
        with harness.Daemon(plugins=[plugin], settings=self.settings) as one, one.connect() as line:
            group = self.group_of(line.invoke("subject"))
            with harness.Daemon(plugins=[plugin], settings=self.settings) as two, two.connect() as other:
                other.invoke("subject")
                self.assertEqual(len(list(self.base.glob("loopwarden-*/*/cgroup.procs"))), 2)
            self.assertTrue(group.exists())
            self.assertEqual(line.invoke("subject")["invocation"]["start"], "warm")

    def test_doctor_says_what_there_is(self):
        with harness.Daemon(settings=self.settings) as daemon:
            found = checks(daemon.json("doctor"))["cgroups"]
            self.assertIn(str(self.base), found["detail"])
            self.assertIn("frozen and ended as one", found["detail"])


class KernelTests(ResourceTestCase):
    """With the kernel's memory and cpu controllers, in a Linux of the tests' own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if own_kernel.program() is None:
            raise unittest.SkipTest("the kernel's controllers: user-mode-linux is not installed")
        if not os.access("/usr/bin/python3", os.X_OK):
            raise unittest.SkipTest("the kernel's controllers: /usr/bin/python3 is not installed")
        cls.found = own_kernel.run(harness.BINARY)

    def part(self, name):
        found = self.found[name]
        self.assertNotIn("error", found, found.get("error"))
        return found

    def test_the_memory_limit_is_the_kernels(self):
        found = self.part("as_root_in_a_folder")
        modest, greedy = found["modest"], found["greedy"]
        self.assertEqual(modest["result"], 30 * MB)
        self.assertGreater(modest["invocation"]["peakMemoryBytes"], 30 * MB)
        self.assert_killed_for_memory(greedy)
        self.assertEqual(found["greedyShown"]["invocation"]["exceededMemoryBytes"], 128 * MB)
        self.assertEqual(found["afterwards"]["invocation"]["cause"], "memory limit")
        # All processes of an environment count.
        self.assert_killed_for_memory(found["child"])
        # Without a word from the manifest, and against one, nobody is killed.
        self.assertEqual(found["free"]["result"], 150 * MB)
        self.assertEqual(found["unsaid"]["result"], 150 * MB)

    def test_the_share_of_the_processors_is_kept(self):
        found = self.part("as_root_in_a_folder")
        self.assertLess(found["slow"]["result"], 0.4)
        self.assertGreater(found["fast"]["result"], 0.6)

    def test_processes_and_threads_are_as_many_as_on_lambda(self):
        found = self.part("as_root_in_a_folder")
        self.assertEqual(found["processes"], "1024")

    def test_it_is_frozen_by_its_group(self):
        found = self.part("as_root_in_a_folder")
        self.assertEqual(found["frozen"], "1")
        self.assertEqual(found["thawed"]["invocation"]["start"], "warm")

    def test_no_group_is_left(self):
        found = self.part("as_root_in_a_folder")
        self.assertGreater(len(found["groupsWhileServing"]), 2)
        self.assertEqual((found["end"], found["groupsLeft"]), (0, "gone"), found["log"])
        self.assertEqual(checks(found["doctor"])["cgroups"]["state"], "ok")

    def test_a_delegated_group_is_found_and_given_back(self):
        found = self.part("as_nobody_in_a_delegated_group")
        self.assertRegex(found["ownGroup"], r"^0::/service/loopwarden-[0-9a-f]+/daemon$")
        self.assertEqual(set(found["controllers"]), {"cpu", "memory", "pids"})
        self.assertEqual(found["modest"]["result"], 30 * MB)
        self.assert_killed_for_memory(found["greedy"])
        self.assertEqual(checks(found["doctor"])["cgroups"]["state"], "ok")
        self.assertEqual((found["end"], found["groupsLeft"], found["controllersLeft"]), (0, [], []), found["log"])


if __name__ == "__main__":
    unittest.main()
