"""A Linux of the tests' own: user-mode Linux, with this machine's files to read and a whole cgroup hierarchy.

What takes the kernel's memory and cpu controllers is tested in it where the machine has handed these to others (cgroup
v1, containers). It runs as an ordinary process; Debian has it as the package user-mode-linux.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

_FOLDER = pathlib.Path(__file__).resolve().parent
_MARK = "RESULT "
_PATIENCE = 240


def program():
    """The kernel; None where there is none."""
    return os.environ.get("LOOPWARDEN_UML") or shutil.which("linux.uml")


def run(binary):
    """Boots it and goes through scenario.py there; returns what that has found, by name."""
    with tempfile.TemporaryDirectory(prefix="lw-uml-") as scratch:
        init = pathlib.Path(scratch, "init")
        init.write_text(
            "#!/bin/sh\nexport PATH=/usr/sbin:/usr/bin:/sbin:/bin\nexec /bin/sh {} {} {} {}\n".format(
                _FOLDER / "init.sh", sys.executable, _FOLDER / "scenario.py", binary
            )
        )
        init.chmod(0o755)
        done = subprocess.run(
            [
                program(), "mem=1536M", "root=none", "rootfstype=hostfs", "rootflags=/", "ro", "quiet",
                "init={}".format(init), "con=null", "con0=fd:0,fd:1", "umid={}".format(pathlib.Path(scratch).name),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_PATIENCE,
            env=dict(os.environ, HOME=scratch, TMPDIR=scratch),
        )  # fmt: skip
    text = done.stdout.decode(errors="replace").replace("\r", "")
    for line in text.splitlines():
        if line.startswith(_MARK):
            return json.loads(line[len(_MARK) :])
    raise AssertionError("the kernel has told nothing:\n" + text[-6000:])
