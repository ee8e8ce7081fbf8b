"""Starts the real program for the tests of this folder, and looks at what it leaves behind.

`LOOPWARDEN_BINARY` names the program (default: .build/debug/loopwarden), `LOOPWARDEN_PYTHONS` the interpreters, one a
line as Scripts/pythons prints them.
"""

import contextlib
import ctypes
import http.client
import json
import os
import pathlib
import select
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

HOME = pathlib.Path(__file__).resolve().parent.parent.parent
BINARY = pathlib.Path(os.environ.get("LOOPWARDEN_BINARY", HOME / ".build/debug/loopwarden")).resolve()
PLUGINS = HOME / "Config/plugins"

#: The longest that anything is waited for, in seconds; nothing is ever waited for without need.
PATIENCE = float(os.environ.get("LOOPWARDEN_PATIENCE", "90"))

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36

# Orphans come to this process, however far down and in whatever session they were: none can hide.
_libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def number(variable, default):
    """A count that can be set from outside, to try a test quickly."""
    return int(os.environ.get(variable, default))


class Python:
    """An interpreter that plugins can be run on."""

    def __init__(self, version, path, has_uvloop):
        self.version = version
        self.path = path
        self.has_uvloop = has_uvloop
        self.key = tuple(int(part) for part in version.split("."))
        self._packages = {}

    def has(self, package):
        """Whether `package` can be imported here."""
        if package not in self._packages:
            search = "import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)"
            self._packages[package] = subprocess.run([self.path, "-c", search, package], check=False).returncode == 0
        return self._packages[package]


def pythons():
    """Every CPython that there is."""
    lines = os.environ.get("LOOPWARDEN_PYTHONS")
    if lines is None:
        lines = subprocess.run([HOME / "Scripts/pythons"], check=True, stdout=subprocess.PIPE, text=True).stdout
    return [Python(version, path, loops == "uvloop") for version, path, loops in map(str.split, lines.splitlines())]


# Processes ------------------------------------------------------------------------------------------------------------


def children():
    """process id → (parent's id, state, name) of all processes."""
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError):
                text = pathlib.Path("/proc", entry, "stat").read_text(errors="replace")
                name, rest = text[text.index("(") + 1 : text.rindex(")")], text[text.rindex(")") + 2 :].split()
                found[int(entry)] = (int(rest[1]), rest[0], name)
    return found


def descendants(root=None):
    """Living processes below one (default: this one), as {id: name}."""
    root = os.getpid() if root is None else root
    processes = children()
    below, found = {root}, {}
    grew = True
    while grew:
        grew = False
        for pid, (parent, _, _) in processes.items():
            if parent in below and pid not in below:
                below.add(pid)
                grew = True
    for pid in below - {root}:
        if processes[pid][1] not in "ZX":
            found[pid] = processes[pid][2]
    return found


def reap_orphans():
    """Collects the exit statuses of orphans that came to this process; Popen's own children are left to it."""
    known = {daemon.process.pid for daemon in Daemon.running}
    for pid, (parent, state, _) in children().items():
        if parent == os.getpid() and state == "Z" and pid not in known:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)


def leftovers():
    """Processes below this one that belong to no daemon of the tests."""
    reap_orphans()
    found = descendants()
    for daemon in Daemon.running:
        for pid in [daemon.process.pid, *descendants(daemon.process.pid)]:
            found.pop(pid, None)
    return found


def say_skipped(what, why):
    """Says that a part of a test is left out, in the way that Scripts/tally counts."""
    print("\nskipped: {} ({})".format(what, why), file=sys.stderr)


def wait_until(condition, what, patience=None):
    """Waits for something that no file descriptor tells of; fails with `what` when it does not come."""
    deadline = time.monotonic() + (patience or PATIENCE)
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError("waited in vain until {}".format(what))
        time.sleep(0.005)


def descriptors(pid):
    """How many descriptors a process has open."""
    return len(os.listdir("/proc/{}/fd".format(pid)))


def resident(pid):
    """Anonymous memory that a process holds, in KiB; pages of files (the program, the history) are not counted."""
    for line in pathlib.Path("/proc", str(pid), "status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1])
    return 0


# The program ----------------------------------------------------------------------------------------------------------


class Refused(AssertionError):
    """The daemon did not run what it was asked to."""


class Connection(http.client.HTTPConnection):
    """HTTP over the daemon's socket; kept open between requests."""

    def __init__(self, path, timeout=PATIENCE):
        super().__init__("loopwarden", timeout=timeout)
        self._path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)

    def ask(self, method, path, body=None, headers=None):
        """Sends one request; returns status and decoded body."""
        self.request(method, path, body, headers or {})
        answer = self.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None

    def invoke(self, name, event=None, cold=False):
        """Invokes a function; returns the whole reply."""
        path = "/v1/functions/{}/invocations{}".format(name, "?cold=true" if cold else "")
        status, reply = self.ask("POST", path, json.dumps(event if event is not None else {}))
        if status != 200:
            raise Refused("status {}: {}".format(status, reply))
        return reply


class Daemon:
    """A daemon on a folder that goes away; use it in a `with`."""

    running = []

    def __init__(self, folder=None, plugins=(), settings="", environment=None, arguments=()):
        self._owns_folder = folder is None
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="lw-"))
        self.plugins = [pathlib.Path(path) for path in plugins]
        self.settings = settings
        self.environment = environment or {}
        self.arguments = list(arguments)
        #: A program that runs the daemon's, such as a tracer.
        self.begin_with = []
        self.process = None
        self.notes = []
        self._notify = None

    @property
    def socket(self):
        return self.folder / "api.sock"

    @property
    def state(self):
        return self.folder / "state"

    @property
    def database(self):
        return self.state / "history.sqlite"

    @property
    def config(self):
        return self.folder / "loopwarden.yaml"

    @property
    def log(self):
        return (self.folder / "log").read_text(errors="replace") if (self.folder / "log").exists() else ""

    def write_settings(self, extra=None):
        """Writes the settings file; `extra` stands for the test's own lines."""
        lines = ["state: {}".format(self.state), "socket: {}".format(self.socket)]
        if self.plugins:
            lines += ["plugins:", *("  - {}".format(path) for path in self.plugins)]
        self.config.write_text("\n".join(lines) + "\n" + (self.settings if extra is None else extra))

    def begin(self):
        """Starts the process, without waiting for it."""
        self.write_settings()
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify = self.folder / "notify"
        with contextlib.suppress(FileNotFoundError):
            notify.unlink()
        self._notify.bind(str(notify))
        self.notes = []
        environment = {key: value for key, value in os.environ.items() if not key.startswith("LOOPWARDEN_")}
        environment.update(self.environment, NOTIFY_SOCKET=str(notify))
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [*self.begin_with, BINARY, "daemon", "--config", str(self.config), *self.arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                cwd=self.folder,
                # The daemon goes down in order when the tests are killed.
                preexec_fn=lambda: _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0),
            )
        Daemon.running.append(self)
        return self

    def start(self):
        """Starts it and waits until it says that it is ready."""
        self.begin()
        self.wait_for_note("READY=1")
        return self

    def wait_for_note(self, wanted, patience=None):
        """Waits until the daemon tells its supervisor something that begins with `wanted`; returns that line."""
        deadline = time.monotonic() + (patience or PATIENCE)
        while True:
            for note in self.notes:
                if note.startswith(wanted):
                    self.notes.remove(note)
                    return note
            if self.process.poll() is not None:
                raise AssertionError("the daemon ended with {}:\n{}".format(self.process.returncode, self.log[-4000:]))
            if time.monotonic() > deadline:
                raise AssertionError(
                    "the daemon never said {}; it said {}\n{}".format(wanted, self.notes, self.log[-4000:])
                )
            if select.select([self._notify], [], [], 0.05)[0]:
                self.notes += self._notify.recv(65536).decode().splitlines()

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, patience=None):
        """Waits for its end; returns the exit status."""
        try:
            status = self.process.wait(patience or PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError("the daemon does not end:\n" + self.log[-4000:]) from None
        self._gone()
        return status

    def _gone(self):
        if self in Daemon.running:
            Daemon.running.remove(self)
        if self._notify is not None:
            self._notify.close()
            self._notify = None

    def stop(self):
        """SIGTERM; returns the exit status."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        """SIGKILL."""
        if self.begin_with:
            # What a tracer traces would outlive it.
            for pid, name in descendants(self.process.pid).items():
                if name == BINARY.name:
                    os.kill(pid, signal.SIGKILL)
        else:
            self.signal(signal.SIGKILL)
        return self.wait()

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self._end()
            raise

    def __exit__(self, *_):
        self._end()

    def _end(self):
        if self.process is not None and self.process.poll() is None:
            self.signal(signal.SIGTERM)
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process is not None:
            self._gone()
        if self._owns_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    # What people and programs ask

    def connect(self, timeout=PATIENCE):
        return contextlib.closing(Connection(self.socket, timeout))

    def run(self, *arguments, stdin=None, environment=None, patience=None):
        """Runs a command against this daemon; returns status, stdout and stderr as text."""
        return cli(
            *arguments,
            stdin=stdin,
            environment={"LOOPWARDEN_SOCKET": str(self.socket), **(environment or {})},
            patience=patience,
        )

    def json(self, *arguments, status=0):
        """Runs a command with --json; returns its output decoded."""
        done = self.run(*arguments, "--json")
        if done.returncode != status:
            raise AssertionError("{} ended with {}: {}{}".format(arguments, done.returncode, done.stdout, done.stderr))
        return json.loads(done.stdout)

    def rows(self, sql, *values):
        """Asks the history's file itself, beside the daemon."""
        with contextlib.closing(sqlite3.connect("file:{}?mode=ro".format(self.database), uri=True)) as database:
            return database.execute(sql, values).fetchall()


def cli(*arguments, stdin=None, environment=None, patience=None, cwd=None):
    """Runs the program; returns status, stdout and stderr as text."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("LOOPWARDEN_", "XDG_"))}
    clean.update(environment or {})
    return subprocess.run(
        [BINARY, *map(str, arguments)],
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        text=True,
        env=clean,
        cwd=cwd,
        timeout=patience or PATIENCE,
    )


def write_plugin(folder, name, handler, **keys):
    """Writes a plugin: its manifest's keys and its handler's source."""
    root = pathlib.Path(folder) / name
    root.mkdir(parents=True, exist_ok=True)
    keys = {"name": name, "handler": "handler.handler", **keys}
    (root / "plugin.yaml").write_text("".join("{}: {}\n".format(key, value) for key, value in keys.items()))
    (root / "handler.py").write_text(handler)
    return root


class ServiceTestCase(unittest.TestCase):
    """A test that leaves no process behind."""

    @classmethod
    def setUpClass(cls):
        if not BINARY.exists():
            raise AssertionError("{} is not there: build it first, or set LOOPWARDEN_BINARY".format(BINARY))

    def setUp(self):
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="lw-"))
        self.addCleanup(shutil.rmtree, self.scratch, ignore_errors=True)

    def tearDown(self):
        self.assertNothingLeft()

    def assertNothingLeft(self, patience=10):
        """Whatever was started is gone, at the latest after `patience` seconds: that is long for a busy machine."""
        deadline = time.monotonic() + patience
        while leftovers() and time.monotonic() < deadline:
            time.sleep(0.01)
        left = leftovers()
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.assertEqual(left, {}, "processes are left behind")


class CheckTestCase(ServiceTestCase):
    """A test of `loopwarden check` in the scratch folder, of which no temporary file is left."""

    #: The longest that a check may take, in seconds.
    patience = PATIENCE
    #: What `write` calls a file.
    file = "orders.py"

    def check(self, *arguments, stdin="", folder=None, **variables):
        """Runs a check to its end; `variables` are added to its environment."""
        return subprocess.run(
            [BINARY, "check", *map(str, arguments)],
            input=stdin,
            capture_output=True,
            text=True,
            cwd=folder or self.scratch,
            env=self.environment(**variables),
            timeout=self.patience,
        )

    def environment(self, **variables):
        return {**os.environ, "TMPDIR": str(self.scratch), **variables}

    def write(self, text, name=None):
        """Writes a file below the scratch folder; returns its name."""
        path = self.scratch / (name or self.file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return name or self.file

    def tearDown(self):
        self.assertEqual([each.name for each in self.scratch.glob("loopwarden-*")], [])
        super().tearDown()


if __name__ == "__main__":
    sys.exit("This is no test; run Scripts/test service.")
