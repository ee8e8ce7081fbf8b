"""A daemon of the run's own, with functions that are made for it."""

import contextlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import time

from .context import DEFECT, EVENT, fail


class Daemon:
    """A context manager: `functions` are manifests by name, each with the handler's file as `file`."""

    def __init__(self, bench, name, functions, is_thrown_away=False):
        self.bench, self.home, self.is_thrown_away = bench, bench.path(name), is_thrown_away
        self.socket = os.path.join(self.home, "s")
        for function, manifest in functions.items():
            self.make(function, dict(manifest))
        os.makedirs(os.path.join(self.home, "plugins"), exist_ok=True)

    def make(self, name, manifest):
        folder = os.path.join(self.home, "plugins", name)
        os.makedirs(folder)
        shutil.copy(os.path.join(self.bench.handlers, manifest.pop("file")), os.path.join(folder, "handler.py"))
        keys = {"handler": "handler.handler", "python": self.bench.python, "timeout": 60, "initTimeout": 60, **manifest}
        with open(os.path.join(folder, "plugin.yaml"), "w") as file:
            file.writelines("{}: {}\n".format(key, json.dumps(value)) for key, value in keys.items())

    def __enter__(self):
        command = [
            self.bench.program("loopwarden"),
            "daemon",
            "--state",
            os.path.join(self.home, "state"),
            "--socket",
            self.socket,
        ]
        command += ["--plugins", os.path.join(self.home, "plugins"), "--log-level", "warning"]
        self.log = open(os.path.join(self.home, "log"), "w+")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log)
        deadline = time.monotonic() + 60
        while not os.path.exists(self.socket):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.log.seek(0)
                self.end()
                fail(DEFECT, "the daemon did not start: {}".format(self.log.read().strip()))
            time.sleep(0.01)
        return self

    def __exit__(self, *_):
        self.end()
        self.log.close()
        if self.is_thrown_away:
            shutil.rmtree(self.home)

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def load(self, function, count, *flags, connections=1, warm_up=0, may_fail=False):
        """What a client measures that invokes a function again and again; what fails is quick, and no figure."""
        arguments = ["latency", "--socket", self.socket, "--function", function, "--payload", EVENT]
        arguments += ["--count", count, "--connections", connections, "--warm-up", warm_up, *flags]
        figures = self.bench.tool(*arguments)
        if figures["errors"] and not may_fail:
            self.log.seek(0)
            said = self.log.read().strip().splitlines() or ["its log says nothing"]
            fail(DEFECT, "{}: {} of {} invocations failed; {}".format(function, figures["errors"], count, said[-1]))
        return figures

    def status(self):
        """What the daemon says of itself and its environments."""
        connection = http.client.HTTPConnection("loopwarden")
        connection.sock = socket.socket(socket.AF_UNIX)
        with contextlib.closing(connection):
            connection.sock.connect(self.socket)
            connection.request("GET", "/v1/status")
            return json.load(connection.getresponse())
