"""The daemon's side of the worker protocol, in Python: what the worker's tests talk through."""

import json
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

from watching import SOURCES  # first: it makes the sources importable

from loopwarden_probe import journal as layout  # isort: skip
from loopwarden_probe.decode import Decoder  # isort: skip

CONFIG, INVOKE, SHUTDOWN, FREEZE, START = 0x01, 0x02, 0x03, 0x04, 0x05
HELLO, READY, INIT_ERROR, REPLY, BYE, FAULT_APPLIED, ALIVE = 0x81, 0x82, 0x83, 0x84, 0x87, 0x88, 0x89
PATIENCE_SECONDS = 60


def surroundings():
    """The variables of a worker: this process's own, but what Loopwarden is told by."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("LOOPWARDEN")}
    return dict(variables, PYTHONUNBUFFERED="1")


class Ended(Exception):
    """The worker has closed the channel."""


class Reply:
    """What came back for one invocation."""

    def __init__(self, status, events, payload, was_faulted=False):
        self.ok = status == 0
        self.was_faulted = was_faulted
        self.events = events
        self.payload = payload

    @property
    def value(self):
        return json.loads(self.payload.decode("utf-8"))

    def kinds(self):
        return [event["event"] for event in self.events]


class FakeDaemon:
    """One worker, started on a plugin of one file, `app.py`."""

    #: How its process comes to be; as `subprocess.Popen`, of which it uses a part.
    launch = staticmethod(subprocess.Popen)
    is_forked = False

    def __init__(
        self,
        source,
        handler="app.handler",
        host="per-invocation",
        loop="asyncio",
        environment=None,
        probe=None,
        kind="lambda",
        **config,
    ):
        self.folder = tempfile.mkdtemp(prefix="plugin-test-")
        self.root = os.path.join(self.folder, "plugin")
        os.mkdir(self.root)
        self.write("app.py", source)
        self.journal = os.path.join(self.folder, "journal")
        with open(self.journal, "wb") as file:
            file.truncate(4 << 20)
        self._decoder = Decoder()
        self._ordinal = 0
        self._ahead = None  # a frame that was read already
        self._config = {
            "protocol": 1,
            "root": self.root,
            "handler": handler,
            "kind": kind,
            "host": host,
            "loop": loop,
            "journal": self.journal,
            "function": {
                "name": "orders",
                "version": "$LATEST",
                "arn": "arn:aws:lambda:local:0:function:orders",
                "memoryMB": 128,
                "logGroup": "/aws/lambda/orders",
                "logStream": "2025/01/01/[$LATEST]0",
            },
            "extraPaths": [],
            "probe": probe or {"enabled": True, "deep": False},
            **config,
        }
        self._environment = dict(surroundings(), **(environment or {}))
        self.last_generation = 0
        self.process = self._connection = None

    def write(self, name, text):
        path = os.path.join(self.root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def start(self):
        """Starts the worker and brings it to READY or INIT_ERROR; returns the frame's kind."""
        path = os.path.join(self.folder, "channel")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen(1)
            listener.settimeout(PATIENCE_SECONDS)
            self.process = self.launch(
                [sys.executable, os.path.join(SOURCES, "bootstrap.py")],
                cwd=self.root,
                env=dict(self._environment, LOOPWARDEN_CHANNEL=path, LOOPWARDEN_TOKEN="c0ffee"),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            # A fork has its end of the channel from the beginning.
            self._connection = getattr(self.process, "connection", None) or listener.accept()[0]
            self._connection.settimeout(PATIENCE_SECONDS)
        kind, body = self._receive()
        assert kind == HELLO, kind
        self.hello = json.loads(body.decode())
        order = getattr(self.process, "order", None)
        if order is None:
            self._send(CONFIG, json.dumps(self._config).encode())
        else:
            self._send(START, json.dumps({**order, "configuration": self._config}).encode())
        kind, body = self._receive()
        self.init_ns = struct.unpack_from("<QQ", body)
        (length,) = struct.unpack_from("<I", body, 16)
        if kind == READY:
            self.info = json.loads(body[20 : 20 + length].decode())
            self.init_events = self._block(body[20 + length :])
        else:
            self.init_events = self._block(body[20 : 20 + length])
            self.init_error = json.loads(body[20 + length :].decode())
        return kind

    def send_invoke(self, event=None, payload=None, **header):
        header.setdefault("id", "request-{}".format(self._ordinal))
        seconds = header.pop("seconds", 3)
        text = json.dumps(header).encode()
        deadline = time.monotonic_ns() + int(seconds * 1e9)
        head = struct.pack("<IQQI", self._ordinal, deadline, 1234, len(text))
        self._send(INVOKE, head + text + (json.dumps(event).encode() if payload is None else payload))

    def invoke(self, event=None, payload=None, **header):
        """One invocation and its reply; raises Ended when the worker ends instead."""
        self.send_invoke(event, payload, **header)
        return self.take_reply()

    def has_sent(self):
        """Whether something has come that was not read."""
        return bool(select.select([self._connection], [], [], 0)[0])

    def take_reply(self):
        """The reply to what was sent; raises Ended when the worker ends instead."""
        was_faulted = self.await_fault()
        kind, body = self._ahead or self._receive()
        self._ahead = None
        assert kind == REPLY, kind
        ordinal, status, _, _, began, ended, length = struct.unpack_from("<IBBHQQI", body)
        assert ordinal == self._ordinal and began <= ended
        self._ordinal += 1
        return Reply(status, self._block(body[28 : 28 + length]), body[28 + length :], was_faulted)

    def freeze(self, seconds=0.0, stops=True):
        """Asks what is alive, stops the process for a while, and lets it go on; returns what was told."""
        self._send(FREEZE, b"")
        kind, body = self._receive()
        assert kind == ALIVE, kind
        events = self._block(body)
        if stops:
            self.stop_for(seconds)
        return events

    def stop_for(self, seconds):
        """Stops the process for a while; no loop of it goes on between being asked what is alive and its next work."""
        self.process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self.process.send_signal(signal.SIGCONT)

    def await_fault(self):
        """Waits for the next frame; whether it says that the fault was applied. Any other is kept."""
        kind, body = self._receive()
        if kind != FAULT_APPLIED:
            self._ahead = (kind, body)
            return False
        assert struct.unpack("<I", body) == (self._ordinal,), body
        return True

    def shut_down(self):
        """Asks the worker to end; returns the events of its BYE and its exit status."""
        self._send(SHUTDOWN, b'{"reason": "test"}')
        kind, body = self._receive()
        assert kind == BYE, kind
        return self._block(body), self.wait()

    def left_in_journal(self):
        """The events that a dead worker has left and not sent."""
        with open(self.journal, "rb") as file:
            data = file.read()
        _, generation, _, end, _ = layout.HEADER.unpack_from(data)
        if generation <= self.last_generation:
            return []
        return list(self._decoder.records(data[layout.DATA_START : end]))

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.wait()

    def wait(self):
        """The worker's exit status; its output is kept."""
        self.stdout, self.stderr = (text.decode() for text in self.process.communicate(timeout=PATIENCE_SECONDS))
        return self.process.returncode

    def close(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.communicate()
        if self._connection is not None:
            self._connection.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def hang_up(self):
        self._connection.close()

    def _block(self, block):
        (generation,) = struct.unpack_from("<I", block)
        assert generation == self.last_generation + 1, (generation, self.last_generation)
        self.last_generation = generation
        return list(self._decoder.block(block))

    def _send(self, kind, body):
        self._connection.sendall(struct.pack("<IB", len(body) + 1, kind) + body)

    def _receive(self):
        length, kind = struct.unpack("<IB", self._exactly(5))
        return kind, self._exactly(length - 1)

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            try:
                part = self._connection.recv(count - len(data))
            except ConnectionResetError:
                part = b""
            if not part:
                raise Ended
            data += part
        return data
