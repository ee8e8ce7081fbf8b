"""The interpreter that runs handlers and floors, with awslambdaric and boto3 if they can be had."""

import os
import subprocess

from .context import MISSING, ROOT, fail, say

WANTED = ("awslambdaric>=4.0,<5", "boto3>=1.37,<2")
MODULES = ("awslambdaric", "boto3")
DESCRIBE = (
    "import sys, importlib.util as u; print(sys.executable); print(*sys.version_info[:3]);"
    "print(*[n for n in {!r} if u.find_spec(n)])".format(MODULES)
)


class Packages:
    """`missing` says of each module that is not there why; `python` is the interpreter's real path.

    An interpreter that has both is taken as it is. Else a virtual environment of it is made in .build-venvs, once.
    """

    def __init__(self, name):
        self.missing = {}
        self.describe(name)
        if not self.found.issuperset(MODULES):
            self.install()
        for module in MODULES:
            if module not in self.found:
                self.missing.setdefault(module, "{} is not installed".format(module))

    def describe(self, python):
        try:
            lines = subprocess.run(
                [python, "-c", DESCRIBE], check=True, capture_output=True, text=True, timeout=60
            ).stdout.splitlines()
        except (OSError, subprocess.SubprocessError) as error:
            fail(MISSING, "{} is no interpreter that runs: {}".format(python, error))
        self.python, self.found = lines[0], set(lines[2].split())
        self.full_version = tuple(map(int, lines[1].split()))
        self.version = self.full_version[:2]

    def install(self):
        base, folder = self.python, os.path.join(ROOT, ".build-venvs", "bench-{}.{}.{}".format(*self.full_version))
        own = os.path.join(folder, "bin", "python")
        if not os.path.exists(own):
            say("making a virtual environment in {} ...".format(os.path.relpath(folder)))
            made = subprocess.run([base, "-m", "venv", folder], capture_output=True, text=True)
            if made.returncode != 0:
                self.missing = dict.fromkeys(MODULES, "no virtual environment can be made of {}".format(base))
                return
        self.describe(own)
        for module, package in zip(MODULES, WANTED):
            if module in self.found:
                continue
            say("installing {} into it ...".format(package))
            pip = [own, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--retries", "1"]
            ended = subprocess.run([*pip, "--only-binary", ":all:", package], capture_output=True, text=True)
            if ended.returncode != 0:
                lines = ended.stderr.strip().splitlines() or ["status {}".format(ended.returncode)]
                self.missing[module] = "{} cannot be installed ({})".format(package, lines[-1][:100])
        self.describe(own)
