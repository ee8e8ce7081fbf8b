"""What a client's connection to the control socket may be used for, byte by byte."""

import json
import socket
import threading

import harness
from harness import Daemon, ServiceTestCase, wait_until, write_plugin

HANDLER = """
import time
def handler(event, context):
    time.sleep(event.get("sleep", 0))
    return event
"""


class Wire:
    """A connection on which every byte is the test's own."""

    def __init__(self, daemon):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(harness.PATIENCE)
        self.socket.connect(str(daemon.socket))
        self.file = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def say(self, *parts):
        self.socket.sendall(b"".join(parts))

    def hear(self, body=True):
        """The next answer: status, headers (names in lower case) and body; None when the connection is closed."""
        line = self.file.readline()
        if not line:
            return None
        headers = {}
        while True:
            header = self.file.readline().strip()
            if not header:
                break
            name, _, value = header.decode().partition(":")
            headers[name.lower()] = value.strip()
        size = int(headers.get("content-length", 0)) if body else 0
        return int(line.split()[1]), headers, self.file.read(size)


def invocation(event, version="1.1", headers=()):
    body = json.dumps(event).encode()
    head = ["POST /v1/functions/echo/invocations HTTP/" + version, "content-length: {}".format(len(body)), *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n", body


class ConnectionTests(ServiceTestCase):
    def setUp(self):
        super().setUp()
        plugin = write_plugin(self.scratch, "echo", HANDLER, concurrency=4)
        self.daemon = self.enterContext(Daemon(plugins=[plugin])) if hasattr(self, "enterContext") else None
        if self.daemon is None:
            self.daemon = Daemon(plugins=[plugin])
            self.daemon.__enter__()
            self.addCleanup(self.daemon.__exit__)

    def outcomes(self):
        return [row[0] for row in self.daemon.rows("SELECT outcome FROM invocation")]

    def test_pipelining(self):
        """Requests that are sent ahead are answered one after the other, in their order, however many they are."""
        with Wire(self.daemon) as wire:
            # The first takes longest: whoever answered what is ready first would answer others before it.
            events = [{"number": number, "sleep": 0.2 if number == 0 else 0} for number in range(40)]
            wire.say(*(part for event in events for part in invocation(event)))
            for event in events:
                status, _, body = wire.hear()
                self.assertEqual((status, json.loads(body)["result"]), (200, event))
            # And the connection goes on.
            wire.say(b"GET /v1/health HTTP/1.1\r\n\r\n")
            self.assertEqual(wire.hear()[0], 200)

    def test_last_request(self):
        """Who says that it is the last request, or does not know that there may be more, is told and hung up on."""
        for version, headers in (("1.1", ["connection: close"]), ("1.0", [])):
            with self.subTest(version=version), Wire(self.daemon) as wire:
                wire.say(*invocation({"big": "x" * 300_000}, version, headers))
                status, answered, body = wire.hear()
                self.assertEqual((status, answered["connection"]), (200, "close"))
                self.assertEqual(len(json.loads(body)["result"]["big"]), 300_000)
                self.assertIsNone(wire.hear())

    def test_body_in_pieces(self):
        """A body comes as it comes: in chunks, byte by byte, and after the client was told to go on."""
        with Wire(self.daemon) as wire:
            wire.say(b"POST /v1/functions/echo/invocations HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n")
            for byte in b'{"a":1}':
                wire.say(b"1\r\n", bytes([byte]), b"\r\n")
            wire.say(b"0\r\n\r\n")
            self.assertEqual(json.loads(wire.hear()[2])["result"], {"a": 1})
            head, body = invocation({"b": 2}, headers=["expect: 100-continue"])
            wire.say(head)
            self.assertEqual(wire.hear()[0], 100)
            wire.say(body)
            self.assertEqual(json.loads(wire.hear()[2])["result"], {"b": 2})

    def test_head(self):
        """HEAD gets the head of what GET gets, whatever it is, and the next answer follows right after it."""
        with Wire(self.daemon) as wire:
            wire.say(b"HEAD /v1/health HTTP/1.1\r\n\r\nGET /v1/health HTTP/1.1\r\n\r\n")
            status, headers, _ = wire.hear(body=False)
            self.assertGreater(int(headers["content-length"]), 0)
            self.assertEqual((status, wire.hear()[0]), (405, 200))

    def test_hang_up(self):
        """An invocation whose caller has gone is run and recorded all the same, and nobody else notices."""
        wires = [Wire(self.daemon) for _ in range(2)]
        for wire in wires:
            wire.say(*invocation({"sleep": 0.3}))
        wait_until(lambda: len(self.outcomes()) == 2, "both have begun")
        wires[0].__exit__()
        self.assertEqual(wires[1].hear()[0], 200)
        wires[1].__exit__()
        wait_until(lambda: self.outcomes() == ["ok", "ok"], "both are recorded")

    def test_nonsense(self):
        """Nonsense is refused, and the connection closed; what was asked properly before it is answered first."""
        with Wire(self.daemon) as wire:
            wire.say(b"what is this\r\n\r\n")
            self.assertEqual(wire.hear()[0], 400)
            self.assertIsNone(wire.hear())
        with Wire(self.daemon) as wire:
            wire.say(*invocation({"sleep": 0.2}), b"what is this\r\n\r\n")
            self.assertEqual(wire.hear()[0], 200)
            self.assertIsNone(wire.hear())
        with self.daemon.connect() as connection:
            self.assertEqual(connection.ask("GET", "/v1/health")[0], 200)

    def test_end_of_daemon(self):
        """A daemon that ends answers what runs, closes what is idle, and does not wait for a request's second half."""
        with Wire(self.daemon) as busy, Wire(self.daemon) as idle, Wire(self.daemon) as half:
            idle.say(b"GET /v1/health HTTP/1.1\r\n\r\n")
            self.assertEqual(idle.hear()[0], 200)
            half.say(invocation({})[0])
            busy.say(*invocation({"sleep": 0.5}))
            wait_until(lambda: len(self.outcomes()) == 1, "it has begun")
            ending = threading.Thread(target=self.daemon.stop)
            ending.start()
            status, headers, body = busy.hear()
            self.assertEqual((status, json.loads(body)["invocation"]["outcome"]), (200, "ok"))
            self.assertIsNone(busy.hear())
            self.assertIsNone(idle.hear())
            self.assertIsNone(half.hear())
            ending.join()
            self.assertEqual(self.daemon.process.returncode, 0)


if __name__ == "__main__":
    import unittest

    unittest.main()
