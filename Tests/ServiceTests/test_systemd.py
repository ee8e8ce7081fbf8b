"""The installed service under a real systemd, booted in namespaces by Scripts/sdbox (root only; skipped elsewhere)."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import harness

TOOLS = ("/lib/systemd/systemd", "systemctl", "unshare", "nsenter", "ip", "hostname")

# Shorter than the defaults, so that the tests are short.
DROP_IN = "[Service]\nWatchdogSec=2s\nTimeoutAbortSec=1s\nTimeoutStopSec=10s\n"

HANDLER = """
import os
import signal
import time


def handler(event, context):
    if event.get("leave"):
        if os.fork() == 0:
            os.setsid()
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            if os.fork() == 0:
                time.sleep(600)
            os._exit(0)
    time.sleep(event.get("seconds", 0))
    return {
        "uid": os.getuid(),
        "capabilities": open("/proc/self/status").read().split("CapEff:")[1].split()[0],
        "protection": int(open("/proc/self/oom_score_adj").read()),
    }
"""


def reason_to_skip():
    """Why this machine cannot boot a box; None if it can."""
    if os.geteuid() != 0:
        return "needs root"
    for tool in TOOLS:
        if shutil.which(tool) is None:
            return "{} is not installed".format(tool)
    if not os.access("/usr/bin/python3", os.X_OK):
        return "/usr/bin/python3 is not installed"
    tried = subprocess.run(
        ["unshare", "--mount", "--pid", "--fork", "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return None if tried.returncode == 0 else "namespaces and mounts are not allowed here"


class Box:
    """A booted systemd with the program installed."""

    def __init__(self, folder, mode):
        self.name = "lw-{}-{}".format(os.getpid(), mode)
        self.mode = mode
        self.files = pathlib.Path(folder) / "files"
        self._environment = dict(os.environ, SDBOX_DIR=str(pathlib.Path(folder) / "boxes"))

    def __enter__(self):
        environment = dict(os.environ, DESTDIR=str(self.files), LOOPWARDEN_BINARY=str(harness.BINARY))
        subprocess.run([harness.HOME / "Scripts/install"], check=True, env=environment)
        plugins = self.files / "etc/loopwarden/plugins"
        shutil.copytree(harness.PLUGINS, plugins, dirs_exist_ok=True)
        harness.write_plugin(plugins, "subject", HANDLER, timeout=60)
        drop_in = self.files / "etc/systemd/system/loopwarden.service.d/test.conf"
        drop_in.parent.mkdir(parents=True)
        drop_in.write_text(DROP_IN)
        os.chmod(self.files, 0o755)
        try:
            self._sdbox("up", self.mode, str(self.files))
            self.run("systemd-sysusers")
            self.run("systemd-tmpfiles", "--create", "/usr/lib/tmpfiles.d/loopwarden.conf")
            self.run("systemctl", "daemon-reload")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self._sdbox("down", check=False)

    def _sdbox(self, operation, *arguments, check=True):
        subprocess.run(
            [harness.HOME / "Scripts/sdbox", operation, self.name, *arguments],
            check=check,
            env=self._environment,
            stdout=subprocess.DEVNULL,
        )

    def command(self, *arguments):
        return [harness.HOME / "Scripts/sdbox", "in", self.name, *map(str, arguments)]

    def run(self, *arguments, status=0):
        """Runs a command in the box, as root; returns what it printed."""
        done = subprocess.run(
            self.command(*arguments),
            env=self._environment,
            stdin=subprocess.DEVNULL,
            text=True,
            capture_output=True,
            timeout=harness.PATIENCE,
        )
        if status is not None and done.returncode != status:
            raise AssertionError(
                "{} ended with {}: {}{}\n{}".format(
                    arguments, done.returncode, done.stdout, done.stderr, self.journal()[-4000:]
                )
            )
        return done.stdout + (done.stderr if status != 0 else "")

    def begin(self, *arguments):
        """Starts a command in the box, without waiting for it."""
        return subprocess.Popen(
            self.command(*arguments),
            env=self._environment,
            stdin=subprocess.DEVNULL,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def journal(self):
        return subprocess.run(
            self.command("journalctl", "-u", "loopwarden", "--no-pager", "-o", "cat"),
            env=self._environment,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout

    def property(self, name, unit="loopwarden.service"):
        return self.run("systemctl", "show", "--value", "-p", name, unit).strip()

    def main_pid(self):
        return int(self.property("MainPID"))

    def service_processes(self):
        """Processes of the service's user: daemon, handlers and what those left."""
        return self.run("ps", "-u", "loopwarden", "-o", "pid=,args=", status=None).splitlines()

    def write(self, path, text):
        """Writes a file in the box."""
        self.run("sh", "-c", 'printf %s "$2" >"$1"', "sh", path, text)


class InAnyMode:
    """The tests; each class below runs them in one layout of cgroups."""

    mode = ""

    @classmethod
    def setUpClass(cls):
        reason = reason_to_skip()
        if reason:
            raise unittest.SkipTest("real systemd: " + reason)
        super().setUpClass()
        folder = tempfile.mkdtemp(prefix="lw-box-")
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        cls.box = cls.enterLater(Box(folder, cls.mode))

    @classmethod
    def enterLater(cls, context):
        value = context.__enter__()
        cls.addClassCleanup(context.__exit__, None, None, None)
        return value

    def setUp(self):
        super().setUp()
        self.box.run("systemctl", "stop", "loopwarden.service", "loopwarden.socket")
        self.box.run("systemctl", "reset-failed", status=None)
        self.box.run("systemctl", "start", "loopwarden.socket")

    def tearDown(self):
        # The box itself is a descendant of these tests; what is left is looked for inside of it.
        self.box.run("systemctl", "stop", "loopwarden.service", "loopwarden.socket")
        self.assertEqual(self.box.service_processes(), [])

    def invoke(self, *arguments):
        return json.loads(self.box.run("loopwarden", "invoke", *arguments))

    def restarts(self):
        return int(self.box.property("NRestarts"))

    def test_the_socket_starts_the_service_and_no_client_waits_in_vain(self):
        self.assertEqual(self.box.property("ActiveState"), "inactive")
        self.assertEqual(self.invoke("asyncio-run"), {"squares": [1, 4, 9]})
        self.assertEqual(self.box.property("ActiveState"), "active")

    def test_start_returns_when_the_service_is_ready(self):
        self.box.run("systemctl", "start", "loopwarden.service")
        self.assertEqual(self.box.property("SubState"), "running")
        self.assertNotEqual(self.box.property("StatusText"), "")
        self.box.run("loopwarden", "status")

    def test_handlers_run_as_the_services_user_without_capabilities(self):
        result = self.invoke("subject", "--payload", "{}")
        self.assertEqual(result["uid"], int(self.box.run("id", "-u", "loopwarden")))
        self.assertEqual(int(result["capabilities"], 16), 0)

    def test_what_protects_the_daemon_when_memory_is_short_does_not_protect_handlers(self):
        self.assertEqual(self.invoke("subject", "--payload", "{}")["protection"], 0)
        protection = int(self.box.run("cat", "/proc/{}/oom_score_adj".format(self.box.main_pid())))
        if protection == 0:
            self.skipTest("OOMScoreAdjust= has no effect on this machine")
        self.assertEqual(protection, -200)

    def test_only_root_and_the_group_may_connect(self):
        self.box.run("systemctl", "start", "loopwarden.service")
        said = self.box.run(
            "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "loopwarden", "status", status=77
        )
        self.assertIn("api.sock", said)
        self.box.run("setpriv", "--reuid=65534", "--regid=loopwarden", "--clear-groups", "loopwarden", "status")

    def test_a_killed_daemon_is_started_again_and_leaves_no_handler(self):
        self.invoke("subject", "--payload", '{"leave": true}')
        pid, before = self.box.main_pid(), self.restarts()
        self.box.run("kill", "-KILL", pid)
        # Connects in the gap, and waits.
        self.assertEqual(self.invoke("asyncio-run"), {"squares": [1, 4, 9]})
        self.assertEqual(self.restarts(), before + 1)
        self.assertNotEqual(self.box.main_pid(), pid)
        self.assertEqual([line for line in self.box.service_processes() if "bootstrap" in line][1:], [])

    def test_a_hung_daemon_is_noticed_and_started_again(self):
        self.box.run("systemctl", "start", "loopwarden.service")
        pid, before = self.box.main_pid(), self.restarts()
        self.box.run("kill", "-STOP", pid)
        self.assertEqual(self.invoke("asyncio-run"), {"squares": [1, 4, 9]})
        self.assertNotEqual(self.box.main_pid(), pid)
        self.assertEqual(self.restarts(), before + 1)

    def test_stop_drains_and_leaves_nothing(self):
        self.invoke("subject", "--payload", '{"leave": true}')
        client = self.box.begin("loopwarden", "invoke", "subject", "--payload", '{"seconds": 1.5}')
        self.addCleanup(client.__exit__, None, None, None)
        harness.wait_until(lambda: "running" in self.box.run("loopwarden", "history", "--limit", "1"), "it runs")
        self.box.run("systemctl", "stop", "loopwarden.service")
        out, err = client.communicate(timeout=harness.PATIENCE)
        self.assertEqual(client.returncode, 0, out + err)
        self.assertEqual(self.box.property("Result"), "success")
        self.assertEqual(self.box.service_processes(), [])

    def test_environments_have_cgroups_of_their_own_in_what_systemd_has_delegated(self):
        reply = json.loads(self.box.run("loopwarden", "invoke", "subject", "--payload", '{"leave": true}', "--json"))
        environment = reply["invocation"]["environment"]
        find = ["find", "/sys/fs/cgroup", "-type", "d", "-path", "*loopwarden.service/*"]
        groups = self.box.run(*find).split()
        own = [group for group in groups if group.endswith(environment)]
        self.assertEqual(len(own), 1, groups)
        # The worker, and what it has left in a session of its own.
        self.assertEqual(len(self.box.run("cat", own[0] + "/cgroup.procs").split()), 2)
        checks = json.loads(self.box.run("loopwarden", "doctor", "--json"))["checks"]
        self.assertIn("frozen and ended as one", next(row for row in checks if row["check"] == "cgroups")["detail"])
        self.box.run("systemctl", "restart", "loopwarden.service")
        self.assertEqual([group for group in self.box.run(*find).split() if group.endswith(environment)], [])
        self.box.run("systemctl", "stop", "loopwarden.service")
        self.assertEqual(self.box.run(*find).split(), [])

    def test_reload_takes_good_settings_and_keeps_the_old_when_the_new_are_bad(self):
        self.box.run("systemctl", "start", "loopwarden.service")
        pid, settings = self.box.main_pid(), self.box.run("cat", "/etc/loopwarden/loopwarden.yaml")
        self.box.run("mkdir", "-p", "/etc/loopwarden/plugins/late")
        self.box.write("/etc/loopwarden/plugins/late/plugin.yaml", "handler: h.handler\n")
        self.box.write("/etc/loopwarden/plugins/late/h.py", "def handler(event, context): return 'late'\n")
        self.box.run("systemctl", "reload", "loopwarden.service")
        self.assertEqual(self.invoke("late"), "late")
        try:
            self.box.write("/etc/loopwarden/loopwarden.yaml", "drian: 3\n")
            self.box.run("systemctl", "reload", "loopwarden.service")
            harness.wait_until(lambda: "drian" in self.box.property("StatusText"), "the status says what is wrong", 5)
            self.assertEqual(self.invoke("late"), "late")
            self.assertEqual(self.box.main_pid(), pid)
        finally:
            self.box.write("/etc/loopwarden/loopwarden.yaml", settings)

    def test_wrong_settings_at_the_start_are_not_tried_again_and_again(self):
        settings = self.box.run("cat", "/etc/loopwarden/loopwarden.yaml")
        try:
            self.box.write("/etc/loopwarden/loopwarden.yaml", "drian: 3\n")
            self.box.run("systemctl", "start", "loopwarden.service", status=1)
            self.assertEqual(self.box.property("ExecMainStatus"), "78")
            self.assertEqual(self.box.property("ActiveState"), "failed")
            self.assertEqual(self.restarts(), 0)
            self.assertIn("loopwarden.yaml:1: drian", self.box.journal())
            self.assertEqual(self.box.property("ActiveState", "loopwarden.socket"), "active")
        finally:
            self.box.write("/etc/loopwarden/loopwarden.yaml", settings)

    def test_the_sandbox_is_as_tight_as_it_claims(self):
        self.box.run("systemd-analyze", "security", "--threshold=20", "--no-pager", "loopwarden.service")


class UnifiedTests(InAnyMode, harness.ServiceTestCase):
    """cgroup v2: freeze and kill."""

    mode = "unified"


class HybridTests(InAnyMode, harness.ServiceTestCase):
    """cgroup v1 controllers, as on older systems."""

    mode = "hybrid"


if __name__ == "__main__":
    unittest.main()
