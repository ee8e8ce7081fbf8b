"""Goes through what the kernel's controllers do for environments; run as root in a Linux of its own.

Prints one line, `RESULT` and an object: what was seen, by name. The tests judge it.
"""

import json
import os
import pathlib
import subprocess
import sys
import time
import traceback

BINARY = sys.argv[1]
GROUPS = pathlib.Path("/sys/fs/cgroup")
NOBODY = 65534

HUNGRY = """
import os
import time


def handler(event, context):
    if "child" in event:
        if os.fork() == 0:
            kept = b"x" * (event["child"] << 20)
            time.sleep(60)
            os._exit(0)
        time.sleep(10)
    kept = b"x" * (event.get("mb", 0) << 20)
    return len(kept)
"""

BUSY = """
import time


def handler(event, context):
    wall, used = time.monotonic(), time.process_time()
    while time.monotonic() - wall < 1:
        pass
    return (time.process_time() - used) / (time.monotonic() - wall)
"""

FUNCTIONS = {
    "hungry": (HUNGRY, "memory: 128\n"),
    "free": (HUNGRY, "memory: 128\nmemoryLimit: off\n"),
    "unsaid": (HUNGRY, ""),
    "slow": (BUSY, "cpu: 0.2\n"),
    "fast": (BUSY, ""),
    "still": (HUNGRY, "freeze: true\n"),
}


class Daemon:
    """One on a folder below /run."""

    def __init__(self, name, settings, begin_with=()):
        self.folder = pathlib.Path("/run", name)
        self.socket = self.folder / "api.sock"
        for function, (code, lines) in FUNCTIONS.items():
            plugin = self.folder / "plugins" / function
            plugin.mkdir(parents=True)
            (plugin / "handler.py").write_text(code)
            (plugin / "plugin.yaml").write_text(
                "handler: handler.handler\npython: /usr/bin/python3\ntimeout: 60\ninitTimeout: 60\n" + lines
            )
        (self.folder / "loopwarden.yaml").write_text(
            "state: {0}/state\nsocket: {0}/api.sock\nplugins: [plugins]\n{1}".format(self.folder, settings)
        )
        if begin_with:
            os.chown(self.folder, NOBODY, NOBODY)
        log = open(self.folder / "log", "wb")
        self.process = subprocess.Popen(
            [*begin_with, BINARY, "daemon", "--config", str(self.folder / "loopwarden.yaml")],
            stdout=log,
            stderr=log,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder)},
            cwd=self.folder,
        )
        deadline = time.monotonic() + 60
        while not self.socket.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("no daemon: " + self.log)
            time.sleep(0.05)

    @property
    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def ask(self, *arguments):
        done = subprocess.run(
            [BINARY, *arguments, "--json", "--socket", str(self.socket)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
        try:
            return json.loads(done.stdout)
        except ValueError:
            raise RuntimeError("{}: {}{}\n{}".format(arguments, done.stdout, done.stderr, self.log)) from None

    def invoke(self, name, event=None):
        return self.ask("invoke", name, "--payload", json.dumps(event or {}))

    def stop(self):
        self.process.terminate()
        return self.process.wait(60)


def groups_below(group):
    return sorted(str(path.relative_to(group)) for path in group.glob("**/") if path != group)


def as_root_in_a_folder(found):
    """The operator has named a cgroup."""
    base = GROUPS / "lw"
    # As systemd does at the root.
    (GROUPS / "cgroup.subtree_control").write_text("+memory +cpu +pids")
    daemon = Daemon("root", "cgroups: {}\n".format(base))
    found["modest"] = daemon.invoke("hungry", {"mb": 30})
    found["greedy"] = daemon.invoke("hungry", {"mb": 150})
    found["greedyShown"] = daemon.ask("show", found["greedy"]["invocation"]["id"])
    found["afterwards"] = daemon.invoke("hungry", {"mb": 1})
    found["child"] = daemon.invoke("hungry", {"child": 150})
    found["free"] = daemon.invoke("free", {"mb": 150})
    found["unsaid"] = daemon.invoke("unsaid", {"mb": 150})
    found["slow"] = daemon.invoke("slow")
    found["fast"] = daemon.invoke("fast")
    still = daemon.invoke("still")
    group = next(base.glob("loopwarden-*/" + still["invocation"]["environment"]))
    found["processes"] = (group / "pids.max").read_text().strip()
    held = group / "cgroup.freeze"
    deadline = time.monotonic() + 20
    while held.read_text().strip() != "1" and time.monotonic() < deadline:
        time.sleep(0.01)
    found["frozen"] = held.read_text().strip()
    found["thawed"] = daemon.invoke("still")
    found["groupsWhileServing"] = groups_below(base)
    found["doctor"] = daemon.ask("doctor")
    found["end"] = daemon.stop()
    found["groupsLeft"] = groups_below(base) if base.exists() else "gone"
    found["log"] = daemon.log


def as_nobody_in_a_delegated_group(found):
    """A service manager has given the daemon a group, as `Delegate=yes` does."""
    base = GROUPS / "service"
    base.mkdir()
    for path in [base, *(base / name for name in ("cgroup.procs", "cgroup.threads", "cgroup.subtree_control"))]:
        os.chown(path, NOBODY, NOBODY)
    enter = 'echo $$ >{}/cgroup.procs; exec setpriv --reuid={} --regid={} --clear-groups "$@"'
    shell = ["sh", "-c", enter.format(base, NOBODY, NOBODY), "sh"]
    daemon = Daemon("nobody", "", begin_with=shell)
    found["modest"] = daemon.invoke("hungry", {"mb": 30})
    found["ownGroup"] = pathlib.Path("/proc", str(daemon.process.pid), "cgroup").read_text().strip()
    found["controllers"] = (base / "cgroup.subtree_control").read_text().split()
    found["greedy"] = daemon.invoke("hungry", {"mb": 150})
    found["doctor"] = daemon.ask("doctor")
    found["end"] = daemon.stop()
    found["groupsLeft"] = groups_below(base)
    found["controllersLeft"] = (base / "cgroup.subtree_control").read_text().split()
    found["log"] = daemon.log


def main():
    found = {}
    for scenario in (as_root_in_a_folder, as_nobody_in_a_delegated_group):
        part = found[scenario.__name__] = {}
        try:
            scenario(part)
        except BaseException:
            part["error"] = traceback.format_exc()
    sys.stdout.write("\nRESULT " + json.dumps(found) + "\n")
    sys.stdout.flush()


main()
