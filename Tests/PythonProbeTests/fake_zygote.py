"""The daemon's side of a zygote: what the tests of forked workers start them with."""

import array
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time

from watching import SOURCES  # first: it makes the sources importable

from fake_daemon import FakeDaemon, surroundings  # isort: skip

PATIENCE_SECONDS = 60
LINK = 3


class FakeZygote:
    """A zygote, from which this process forks workers."""

    def __init__(self, preload=(), paths=(), environment=None):
        order = json.dumps({"preload": list(preload), "paths": list(paths)})
        self._link, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._link.settimeout(PATIENCE_SECONDS)
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(SOURCES, "bootstrap.py"), "zygote", order],
            cwd="/",
            env=dict(surroundings(), **(environment or {})),
            stdin=subprocess.DEVNULL,
            pass_fds=(LINK,),
            preexec_fn=lambda: os.dup2(other.fileno(), LINK),
        )
        other.close()
        self.answer = json.loads(self._link.recv(1 << 20).decode())

    def fork(self):
        """Forks a process that waits; returns its number, our end of its channel, and of the pipes it prints to."""
        connection, its_end = socket.socketpair()
        connection.settimeout(PATIENCE_SECONDS)
        output, errors = os.pipe(), os.pipe()
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [its_end.fileno(), output[1], errors[1]]))
        self._link.sendmsg([b"fork"], [rights])
        its_end.close()
        os.close(output[1])
        os.close(errors[1])
        (process,) = struct.unpack("<q", self._link.recv(8))
        assert process > 0, os.strerror(-process)
        return process, connection, (output[0], errors[0])

    def close(self):
        self._link.close()
        return self.process.wait(PATIENCE_SECONDS)


class ForkedProcess:
    """What `subprocess.Popen` gives the fake daemon, of a worker that was forked."""

    zygotes = []
    #: How many forks of the first zygote wait for their order.
    ahead = 0
    waiting = []

    def __init__(self, command, cwd, env, stdin=None, stdout=None, stderr=None, descriptors=0, mark=0):
        if not self.zygotes:
            self.zygotes.append(FakeZygote())
        self.pid, self.connection, self._output = self.waiting.pop(0) if self.waiting else self.zygotes[0].fork()
        while len(self.waiting) < self.ahead:
            self.waiting.append(self.zygotes[0].fork())
        #: What makes it an environment.
        self.order = {"environment": env, "directory": cwd, "descriptors": descriptors, "mark": mark}
        self.returncode = None

    def send_signal(self, number):
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self):
        self.send_signal(signal.SIGKILL)

    def poll(self):
        if self.returncode is None:
            process, status = os.waitpid(self.pid, os.WNOHANG)
            if process:
                self.returncode = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        return self.returncode

    def communicate(self, timeout=PATIENCE_SECONDS):
        deadline = time.monotonic() + timeout
        while self.poll() is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("worker", timeout)
            time.sleep(0.001)
        return tuple(map(_rest, self._output))

    @classmethod
    def stop(cls):
        while cls.waiting:
            process, connection, output = cls.waiting.pop()
            connection.recv(1 << 16)  # its HELLO
            connection.close()
            assert (os.waitpid(process, 0)[1], *map(_rest, output)) == (0, b"", b"")
        while cls.zygotes:
            assert cls.zygotes.pop().close() == 0


def fork_workers(ahead=0):
    """From here on the fake daemon's workers are forked: for `setUpModule`, where how they start is not tested."""
    FakeDaemon.launch, FakeDaemon.is_forked, ForkedProcess.ahead = ForkedProcess, True, ahead


def spawn_workers():
    """From here on they are spawned, as usual; for `tearDownModule`."""
    FakeDaemon.launch, FakeDaemon.is_forked, ForkedProcess.ahead = subprocess.Popen, False, 0
    ForkedProcess.stop()


def _rest(pipe):
    """What is left to read of a pipe, which is closed; a process that outlived the worker may hold it open."""
    os.set_blocking(pipe, False)
    text = b""
    try:
        while True:
            part = os.read(pipe, 65536)
            if not part:
                return text
            text += part
    except BlockingIOError:
        return text
    finally:
        os.close(pipe)
