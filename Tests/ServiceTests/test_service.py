"""The daemon as a service: start, settings, reload, drain, two on one folder, files in a bad state."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import threading
import time
import unittest

import harness

TEMPORARY, CONFIGURATION, MISSING = 75, 78, 66

SLEEPER = """
import time


def handler(event, context):
    time.sleep(event)
    return "slept"
"""


class ServiceTests(harness.ServiceTestCase):
    def daemon(self, **options):
        return harness.Daemon(plugins=[harness.PLUGINS], **options)

    def begin_and_fail(self, daemon):
        """Starts a daemon that must not come up; returns its exit status."""
        daemon.begin()
        self.addCleanup(daemon._end)
        return daemon.wait()

    # start and end

    def test_ready_means_ready_and_sigterm_ends_it_in_order(self):
        with self.daemon() as daemon:
            # No second try: the first request after READY=1 is served.
            with daemon.connect() as connection:
                self.assertEqual(connection.ask("GET", "/v1/health")[1]["status"], "ok")
                self.assertEqual(connection.invoke("asyncio-run")["invocation"]["outcome"], "ok")
            daemon.signal(signal.SIGTERM)
            daemon.wait_for_note("STOPPING=1")
            self.assertEqual(daemon.wait(), 0)
            self.assertFalse(daemon.socket.exists())
            self.assertNothingLeft()

    def test_sigterm_as_soon_as_it_is_ready_ends_it_in_order(self):
        with self.daemon() as daemon:
            for _ in range(20):
                self.assertEqual(daemon.stop(), 0, daemon.log)
                daemon.start()

    def test_a_storm_of_connections_neither_shuts_others_out_nor_disturbs_the_end(self):
        with harness.Daemon() as daemon:
            with _Storm(daemon.socket) as storm:
                for _ in range(6):
                    before = storm.requests
                    self.assertEqual(harness.wait_until(lambda: self._health(daemon), "it answers"), 200)
                    harness.wait_until(lambda: storm.requests > before, "clients come and go")  # noqa: B023
                    self.assertEqual(daemon.stop(), 0, daemon.log[-4000:])
                    daemon.start()

    def _health(self, daemon):
        """The status of one question; None while too many others wait in the socket's backlog."""
        with contextlib.suppress(BlockingIOError), daemon.connect() as connection:
            return connection.ask("GET", "/v1/health")[0]

    def test_the_socket_is_for_owner_and_group_only(self):
        with self.daemon() as daemon:
            self.assertEqual(stat.S_IMODE(daemon.socket.stat().st_mode) & 0o007, 0)
            self.assertEqual(stat.S_IMODE(daemon.state.stat().st_mode) & 0o007, 0)

    def test_running_invocations_are_drained_and_hanging_ones_are_cut_off(self):
        harness.write_plugin(self.scratch / "plugins", "sleeper", SLEEPER, timeout=60)
        with harness.Daemon(plugins=[self.scratch / "plugins"], settings="drain: 6\n") as daemon:
            replies = {}

            def invoke(seconds):
                with daemon.connect() as connection:
                    replies[seconds] = connection.invoke("sleeper", seconds)["invocation"]["outcome"]

            threads = [threading.Thread(target=invoke, args=(seconds,)) for seconds in (1, 50)]
            for thread in threads:
                thread.start()
            running = lambda: daemon.rows("SELECT count(*) FROM invocation WHERE outcome IS NULL") == [(2,)]  # noqa: E731
            harness.wait_until(running, "both run")
            began = time.monotonic()
            status = daemon.stop()
            self.assertEqual(status, 0, daemon.log[-3000:])
            # Far from the fifty seconds of the other.
            self.assertLess(time.monotonic() - began, 30)
            for thread in threads:
                thread.join()
            self.assertEqual(replies, {1: "ok", 50: "killed"})
            self.assertEqual(
                sorted(daemon.rows("SELECT outcome FROM invocation")), [("killed",), ("ok",)], daemon.log[-3000:]
            )

    def test_the_watchdog_is_fed_from_the_inside(self):
        with self.daemon(environment={"WATCHDOG_USEC": "600000"}) as daemon:
            for _ in range(3):
                daemon.wait_for_note("WATCHDOG=1", 2)

    # two daemons, stale sockets

    def test_a_second_daemon_on_the_same_folder_gives_up_and_harms_nothing(self):
        with self.daemon() as first, first.connect() as connection:
            connection.invoke("asyncio-run")
            second = harness.Daemon(self.scratch)
            second.write_settings()
            done = harness.cli("daemon", "--state", first.state, "--socket", self.scratch / "other.sock")
            self.assertEqual(done.returncode, TEMPORARY, done.stderr)
            self.assertIn(str(first.process.pid), done.stderr)
            # The same socket on another folder: just as wrong.
            done = harness.cli("daemon", "--state", self.scratch / "state", "--socket", first.socket)
            self.assertEqual(done.returncode, TEMPORARY, done.stderr)
            self.assertIn(str(first.socket), done.stderr)
            self.assertEqual(connection.invoke("asyncio-run")["invocation"]["start"], "warm")

    def test_of_daemons_started_at_once_exactly_one_serves(self):
        state, path = self.scratch / "state", self.scratch / "api.sock"
        command = [harness.BINARY, "daemon", "--state", state, "--socket", path]
        errors = [open(self.scratch / "errors-{}".format(number), "w+") for number in range(4)]
        processes = [subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=error) for error in errors]
        try:
            harness.wait_until(lambda: [each.poll() for each in processes].count(TEMPORARY) == 3, "three give up")
            (winner,) = [each for each in processes if each.poll() is None]
            harness.wait_until(
                lambda: harness.cli("status", environment={"LOOPWARDEN_SOCKET": str(path)}).returncode == 0,
                "one serves",
            )
            winner.terminate()
            self.assertEqual(winner.wait(harness.PATIENCE), 0)
        finally:
            for process in processes:
                process.kill()
                process.wait()
            for error in errors:
                error.close()

    def test_a_stale_socket_is_taken_over(self):
        with self.daemon() as daemon:
            daemon.kill()
            self.assertTrue(daemon.socket.is_socket())
            daemon.start()
            self.assertEqual(daemon.run("status").returncode, 0)

    def test_something_else_in_the_place_of_the_socket_is_left_alone(self):
        with contextlib.closing(socket.socket(socket.AF_UNIX)):
            precious = self.scratch / "precious"
            precious.write_text("not a socket")
            done = harness.cli("daemon", "--state", self.scratch / "state", "--socket", precious)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(str(precious), done.stderr)
            self.assertEqual(precious.read_text(), "not a socket")

    def test_a_socket_path_that_is_too_long_is_told(self):
        path = self.scratch / ("x" * 120)
        done = harness.cli("daemon", "--state", self.scratch / "state", "--socket", path)
        self.assertEqual(done.returncode, CONFIGURATION, done.stderr)
        self.assertIn("107", done.stderr)

    # settings

    def test_wrong_settings_are_told_with_file_line_and_key(self):
        file = self.scratch / "loopwarden.yaml"
        for text, expected in [
            ("state: s\ndurabilty: power\n", r"loopwarden\.yaml:2: durabilty: unknown key.*durability"),
            ("durability: eternal\n", r"loopwarden\.yaml:1: durability: expected .*power.*eternal"),
            ("\nlog:\n  level: loud\n", r"loopwarden\.yaml:3: log\.level: expected .*debug.*loud"),
            ("drain: soon\n", r"loopwarden\.yaml:1: drain: expected .*seconds.*soon"),
            ("rules:\n  off: [closed-loop-resue]\n", r"loopwarden\.yaml:2: rules\.off: .*closed-loop-reuse"),
            ("alerts: {webhook: {url: ftp://x}}\n", r"loopwarden\.yaml:1: alerts\.webhook\.url: .*http"),
            ("state: [1, 2]\n", r"loopwarden\.yaml:1: state: "),
            ("a: [\n", r"loopwarden\.yaml:\d+: "),
            ("- a\n", r"loopwarden\.yaml:1: "),
        ]:
            with self.subTest(text):
                file.write_text(text)
                for options in ([], ["--check-config"]):
                    done = harness.cli("daemon", "--config", file, *options)
                    self.assertEqual(done.returncode, CONFIGURATION, done.stderr)
                    self.assertRegex(done.stderr, expected)
        done = harness.cli("daemon", "--config", self.scratch / "none.yaml")
        self.assertIn(done.returncode, (MISSING, CONFIGURATION))
        self.assertIn("none.yaml", done.stderr)

    def test_the_default_settings_are_good(self):
        file = self.scratch / "loopwarden.yaml"
        shutil.copy(harness.HOME / "Config/loopwarden.yaml", file)
        shutil.copytree(harness.PLUGINS, self.scratch / "plugins")
        self.assertEqual(harness.cli("daemon", "--config", file, "--check-config").returncode, 0)
        # So is each that is commented out.
        file.write_text(re.sub(r"^#(?! ?\S|$)|^#(?=\w)", "", file.read_text(), flags=re.MULTILINE))
        self.assertIn("\n  retries: 5", file.read_text())
        self.assertIn("\nstate: ", file.read_text())
        done = harness.cli("daemon", "--config", file, "--check-config")
        self.assertEqual(done.returncode, 0, done.stderr + file.read_text())

    def test_variables_go_over_the_file_and_flags_over_variables(self):
        quiet = {"LOOPWARDEN_LOG_LEVEL": "error"}
        for environment, arguments, says in [
            ({}, [], True),
            (quiet, [], False),
            (quiet, ["--log-level", "info"], True),
        ]:
            with self.daemon(settings="log: {level: info}\n", environment=environment, arguments=arguments) as daemon:
                self.assertEqual("Serving" in daemon.log, says, daemon.log)
        done = harness.cli("daemon", "--check-config", environment={"LOOPWARDEN_DURABILITY": "eternal"})
        self.assertEqual(done.returncode, CONFIGURATION)
        self.assertIn("LOOPWARDEN_DURABILITY", done.stderr)

    def test_a_bad_plugin_never_stops_the_others(self):
        plugins = self.scratch / "plugins"
        harness.write_plugin(plugins, "good", "def handler(event, context): return 1")
        harness.write_plugin(plugins, "bad", "", hots="bare")
        with harness.Daemon(plugins=[plugins]) as daemon:
            self.assertEqual(json.loads(daemon.run("invoke", "good").stdout), 1)
            self.assertEqual(daemon.run("invoke", "bad").returncode, MISSING)
            self.assertIn("hots", daemon.run("doctor").stdout + daemon.log)

    def test_sighup_takes_good_settings_and_refuses_bad_ones(self):
        plugins = self.scratch / "plugins"
        harness.write_plugin(plugins, "first", "def handler(event, context): return 1")
        with harness.Daemon(plugins=[plugins]) as daemon, daemon.connect() as connection:
            connection.invoke("first")
            harness.write_plugin(plugins, "second", "def handler(event, context): return 2")
            daemon.signal(signal.SIGHUP)
            daemon.wait_for_note("RELOADING=1")
            daemon.wait_for_note("READY=1")
            self.assertEqual(connection.invoke("second")["result"], 2)
            # What did not change stays warm.
            self.assertEqual(connection.invoke("first")["invocation"]["start"], "warm")
            daemon.notes.clear()
            daemon.write_settings("drain: soon\n")
            daemon.signal(signal.SIGHUP)
            daemon.wait_for_note("READY=1")
            self.assertIn("drain", daemon.wait_for_note("STATUS="))
            self.assertIn("drain", daemon.log)
            self.assertEqual(connection.invoke("second")["invocation"]["start"], "warm")

    # interpreters

    def test_an_interpreter_that_cannot_be_run_is_named(self):
        text = self.scratch / "text"
        text.write_text("not a program")
        text.chmod(0o755)
        plain = self.scratch / "plain"
        plain.write_text("#!/bin/sh\n")
        for name, python in [
            ("missing", "/no/such/python"),
            ("plain", plain),
            ("text", text),
            ("version", "3.99"),
            ("folder", self.scratch),
        ]:
            harness.write_plugin(self.scratch / "plugins", name, "def handler(event, context): pass", python=python)
        with harness.Daemon(plugins=[self.scratch / "plugins"]) as daemon, daemon.connect() as connection:
            for name, python in [
                ("missing", "/no/such/python"),
                ("plain", "plain"),
                ("text", "text"),
                ("version", "3.99"),
                ("folder", str(self.scratch)),
            ]:
                with self.subTest(name):
                    invocation = connection.invoke(name)["invocation"]
                    self.assertIn(invocation["outcome"], ("error", "crashed"))
                    self.assertIn(python, invocation["errorMessage"])
            self.assertIn("/no/such/python", daemon.run("doctor").stdout)

    # the life of environments

    def test_doctor_names_the_detections_that_an_interpreter_does_not_allow(self):
        venv = self.scratch / "venv"
        subprocess.run(["python3", "-m", "venv", "--without-pip", venv], check=True)
        (site_packages,) = venv.glob("lib/python3*/site-packages")
        # As if a newer CPython had none. Debian's has a sitecustomize of its own.
        program = "import asyncio.events; vars(asyncio.events).pop('_set_running_loop', None)\n"
        (site_packages / "newer.pth").write_text(program)
        path = "{}:{}".format(venv / "bin", os.environ["PATH"])
        with harness.Daemon(environment={"PATH": path}) as daemon, daemon.connect() as connection:
            _, document = connection.ask("GET", "/v1/doctor")
        found = {row["detail"]: row["state"] for row in document["checks"] if row["check"].startswith("python ")}
        (lame,) = [detail for detail in found if detail.startswith(str(venv))]
        self.assertIn("running: asyncio.events._set_running_loop does not exist", lame)
        self.assertEqual(found.pop(lame), "note")
        self.assertTrue(any(state == "ok" for state in found.values()), found)

    def test_a_result_that_is_no_json_is_answered_as_text(self):
        results = {"bytes": ("b'OK'", "OK"), "nan": ("float('nan')", "NaN"), "binary": ("b'\\xff\"'", '\ufffd"')}
        for name, (result, _) in results.items():
            text = "def handler(event, context):\n    return {}\n".format(result)
            harness.write_plugin(self.scratch / "plugins", name, text)
        with harness.Daemon(plugins=[self.scratch / "plugins"]) as daemon, daemon.connect() as connection:
            for name, (_, expected) in results.items():
                reply = connection.invoke(name)
                self.assertEqual((reply["result"], reply["invocation"]["outcome"]), (expected, "ok"))

    def test_each_cold_start_has_its_cause(self):
        root = harness.write_plugin(
            self.scratch / "plugins",
            "subject",
            "import os, time\ndef handler(event, context):\n    exec(event or '')\n",
            timeout=1,
            keepAlive=3,
            concurrency=2,
        )
        with harness.Daemon(plugins=[self.scratch / "plugins"]) as daemon, daemon.connect() as connection:

            def cause(event="", **options):
                return connection.invoke("subject", event, **options)["invocation"]["cause"]

            self.assertEqual(cause(), "first")
            self.assertIsNone(cause())
            self.assertEqual(cause(cold=True), "requested")
            cause("os._exit(1)")
            cause("os._exit(1)")
            self.assertEqual(cause(), "exit")
            cause("time.sleep(5)")
            self.assertEqual(cause(), "timeout")
            handler = root / "handler.py"
            handler.write_text(handler.read_text() + "\nX = 1\n")
            self.assertEqual(cause(), "code change")
            harness.wait_until(lambda: not harness.descendants(daemon.process.pid), "idle environments are reaped")
            self.assertEqual(cause(), "idle reaped")

    def test_environments_scale_out_to_the_plugins_concurrency(self):
        harness.write_plugin(self.scratch / "plugins", "sleeper", SLEEPER, concurrency=2, queue=2)
        with harness.Daemon(plugins=[self.scratch / "plugins"]) as daemon:
            replies = []

            def invoke():
                with daemon.connect() as connection:
                    replies.append(connection.ask("POST", "/v1/functions/sleeper/invocations", "1"))

            threads = [threading.Thread(target=invoke) for _ in range(6)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(sorted(status for status, _ in replies), [200] * 4 + [429] * 2)
            causes = sorted(str(reply["invocation"]["cause"]) for status, reply in replies if status == 200)
            self.assertEqual(causes, ["None", "None", "first", "scale-out"])
            self.assertEqual(
                sorted(daemon.rows("SELECT outcome, count(*) FROM invocation GROUP BY 1")), [("ok", 4), ("rejected", 2)]
            )

    # the history's file

    def test_what_a_killed_daemon_left_running_is_lost(self):
        harness.write_plugin(self.scratch / "plugins", "sleeper", SLEEPER, timeout=60)
        with harness.Daemon(plugins=[self.scratch / "plugins"]) as daemon:
            with contextlib.suppress(OSError, harness.http.client.HTTPException), daemon.connect() as connection:
                connection.request("POST", "/v1/functions/sleeper/invocations", "50")
                harness.wait_until(
                    lambda: daemon.rows("SELECT 1 FROM invocation WHERE outcome IS NULL"), "it is recorded as running"
                )
                daemon.kill()
            self.assertNothingLeft()
            daemon.start()
            self.assertEqual(daemon.rows("SELECT outcome FROM invocation"), [("lost",)])
            self.assertEqual(daemon.json("history", "--outcome", "lost")["invocations"][0]["outcome"], "lost")

    def test_a_history_of_a_newer_release_is_refused_and_not_touched(self):
        with self.daemon() as daemon:
            daemon.stop()
            with contextlib.closing(sqlite3.connect(daemon.database)) as history:
                history.execute("PRAGMA user_version = 9999")
            before = daemon.database.read_bytes()
            self.assertEqual(self.begin_and_fail(daemon), CONFIGURATION)
            self.assertIn("9999", daemon.log)
            self.assertEqual(daemon.database.read_bytes(), before)

    def test_a_corrupt_history_is_put_aside(self):
        with self.daemon() as daemon:
            daemon.stop()
            garbage = b"garbage, not a database" * 1000
            daemon.database.write_bytes(garbage)
            for name in ("-wal", "-shm"):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(str(daemon.database) + name)
            daemon.start()
            self.assertEqual(daemon.run("invoke", "asyncio-run").returncode, 0)
            (aside,) = [path for path in daemon.state.iterdir() if ".corrupt-" in path.name]
            self.assertEqual(aside.read_bytes(), garbage)

    def test_a_folder_that_cannot_be_written_is_told(self):
        done = harness.cli("daemon", "--state", "/proc/nothing", "--socket", self.scratch / "api.sock")
        self.assertIn(done.returncode, (73, 74, 77))
        self.assertIn("/proc/nothing", done.stderr)

    # alerts

    def test_alerts_reach_command_and_webhook_and_never_delay_an_invocation(self):
        received = self.scratch / "received"
        command = self.scratch / "hook"
        # Fails once for now (EX_TEMPFAIL), then hangs until it may go on, then takes it.
        command.write_text(
            '#!/bin/sh\nif mkdir "{0}.once" 2>/dev/null; then exit 75; fi\n'
            'while [ ! -e "{0}.go" ]; do sleep 0.05; done\ncat >>"{0}"\n'.format(received)
        )
        command.chmod(0o755)
        webhook = _Webhook()
        settings = "alerts:\n  command: [{}]\n  webhook:\n    url: {}\n    headers: {{X-Test: yes}}\n".format(
            command, webhook.url
        )
        with webhook, self.daemon(settings=settings) as daemon, daemon.connect() as connection:
            connection.invoke("asyncio-run")
            connection.invoke("poisoned-slot-broken")
            connection.invoke("asyncio-run")
            self.assertFalse(received.exists())
            (self.scratch / "received.go").touch()
            harness.wait_until(lambda: received.exists() and received.read_text().strip(), "the command has it")
            harness.wait_until(lambda: len(webhook.bodies) > 1, "the webhook has it, the second time")
            for text in (received.read_text(), webhook.bodies[-1]):
                self.assertIn("poisoned-slot", text)
                self.assertIn("handler.py", text)
                json.loads(text.splitlines()[0])
            self.assertEqual(webhook.headers[-1]["X-Test"], "yes")


class _Storm:
    """Clients that ask and hang up without waiting for the answer, as fast as they can, whoever listens or not."""

    def __init__(self, path):
        self._path = str(path)
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._rage) for _ in range(4)]
        self.requests = 0

    def _rage(self):
        while not self._ended.is_set():
            with socket.socket(socket.AF_UNIX) as client, contextlib.suppress(OSError):
                client.settimeout(1)  # with a full backlog, a connect without it would wait for a daemon that is gone
                client.connect(self._path)
                client.send(b"GET /v1/health HTTP/1.1\r\nhost: storm\r\n\r\n")
                self.requests += 1

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        for thread in self._threads:
            thread.join()


class _Webhook:
    """An HTTP server that fails at first."""

    def __init__(self):
        import http.server

        bodies, headers = self.bodies, self.headers = [], []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                bodies.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
                headers.append(self.headers)
                self.send_response(503 if len(bodies) == 1 else 204)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:{}/hook".format(self._server.server_address[1])

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


if __name__ == "__main__":
    unittest.main()
