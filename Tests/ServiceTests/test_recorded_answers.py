"""Every answer that was recorded from AWS Lambda (facts: lambda §4, and the errors of §2), byte for byte.

What differs from call to call is masked on both sides: ids, times, and where files and Python's own lines are. Not
here is what no folder of plugins can bring about: `Runtime.MalformedHandlerName`, because a manifest whose handler has
no dot is refused when it is read, and errors of KMS, EFS and network interfaces.
"""

import contextlib
import json
import re
import socket
import threading
import unittest

import harness

ID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
ARN = "arn:aws:lambda:us-east-1:012345678912:function:"

#: name → (source of h.py, lines of the manifest)
FUNCTIONS = {
    "none": ("def handler(event, context):\n    pass\n", ""),
    "echo": ("def handler(event, context):\n    return event\n", ""),
    "late": ("import time\n\n\ndef handler(event, context):\n    time.sleep(60)\n", "timeout: 1\n"),
    "late-old": ("import time\n\n\ndef handler(event, context):\n    time.sleep(60)\n", "timeout: 1\nepoch: old\n"),
    "raises": ("def handler(event, context):\n    raise Exception('Handler fails')\n", ""),
    "module-raises": ("raise Exception('Module fails')\n", ""),
    "exits-at-import": ("import sys\nsys.exit(0)\n", ""),
    "exits": ("import sys\n\n\ndef handler(event, context):\n    sys.exit(event.get('status', 0))\n", ""),
    "exits-127-at-import": ("import sys\nsys.exit(127)\n", ""),
    "overflows-at-import": ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n", "timeout: 1\n"),
    "hangs-at-import": ("import time\ntime.sleep(60)\n", "timeout: 1\ninitTimeout: 0.5\n"),
    "crashes": ("import os\n\n\ndef handler(event, context):\n    os.kill(os.getpid(), event['signal'])\n", ""),
    "large": ("def handler(event, context):\n    return 'x' * event['size']\n", "timeout: 20\n"),
    "unmarshalable": ("def handler(event, context):\n    return {1, 2}\n", ""),
    "absent": ("x = 1\n", ""),
    "import-error": ("import no_such_module\n", ""),
    "syntax": ("def handler(event, context):\n    return (\n", ""),
    "reserved": ("def handler(event, context):\n    pass\n", "reservedConcurrency: 0\n"),
    "busy": ("import time\n\n\ndef handler(event, context):\n    time.sleep(2)\n", "concurrency: 1\nqueue: 0\n"),
    "python-399": ("def handler(event, context):\n    pass\n", 'python: "3.99"\n'),
}


def runtime_error(kind, text):
    """What the platform says of a runtime that failed."""
    return '{"errorType":"%s","errorMessage":"RequestId: <id> Error: %s"}' % (kind, text)


def fault(kind, message, trace="[]", request=""):
    """What the Python runtime writes, with its blanks."""
    return '{"errorMessage": %s, "errorType": "%s", "requestId": "%s", "stackTrace": %s}' % (
        json.dumps(message),
        kind,
        request,
        trace,
    )


class RecordedAnswers(harness.ServiceTestCase):
    SETTINGS = ""
    ARGUMENTS = ()
    #: A line of every manifest.
    ENGINE = ""

    @classmethod
    def interpreter(cls):
        """What the functions run on; None: there is none."""
        return harness.pythons()[-1]

    def setUp(self):
        self.python = self.interpreter()
        if self.python is None:
            self.skipTest("no interpreter has awslambdaric")
        super().setUp()
        for name, (source, lines) in FUNCTIONS.items():
            folder = self.scratch / "plugins" / name
            folder.mkdir(parents=True)
            (folder / "h.py").write_text(source)
            python = "" if "python:" in lines else "python: {}\n".format(self.python.path)
            manifest = "handler: h.handler\nhost: aws-lambda\n" + self.ENGINE + python + lines
            (folder / "plugin.yaml").write_text(manifest)
        builtin = self.scratch / "plugins" / "builtin"
        builtin.mkdir()
        manifest = "handler: sys.handler\nhost: aws-lambda\npython: {}\n".format(self.python.path)
        (builtin / "plugin.yaml").write_text(manifest + self.ENGINE)
        self.daemon = harness.Daemon(
            plugins=[self.scratch / "plugins"], settings=self.SETTINGS, arguments=self.ARGUMENTS
        )
        self.daemon.start()
        self.addCleanup(self.daemon.__exit__)

    def ask(self, name, payload=b"{}", headers=()):
        """One invocation; returns the status line, the headers as they were written, and the body's bytes."""
        lines = ["POST /2015-03-31/functions/{}/invocations HTTP/1.1".format(name), "Host: localhost"]
        lines += ["Content-Length: {}".format(len(payload)), "Connection: close", *headers, "", ""]
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as line:
            line.settimeout(harness.PATIENCE)
            line.connect(str(self.daemon.socket))
            with contextlib.suppress(BrokenPipeError):  # it is refused before it was read
                line.sendall("\r\n".join(lines).encode() + payload)
            answer = b""
            while True:
                part = line.recv(1 << 20)
                if not part:
                    break
                answer += part
        head, _, body = answer.partition(b"\r\n\r\n")
        first, *rest = head.decode().split("\r\n")
        return first, dict(each.split(": ", 1) for each in rest), body

    @staticmethod
    def masked(text, request):
        """An answer's body without what differs from call to call; `request` is the id that the client was told."""
        text = text.replace(request, "<id>")
        text = re.sub(r'(File \\")[^"]*/importlib/__init__\.py(\\", line )\d+', r"\1<importlib>\2N", text)
        text = re.sub(r'(File \\"<frozen importlib[^>]*>\\", line )\d+', r"\1N", text)
        return re.sub(r'(File \\")[^"<]*/plugins/[^/"]*/', r"\1/var/task/", text)

    def failed(self, name, payload=b"{}"):
        """The masked body of an invocation that failed: HTTP 200 and the header that says so."""
        first, headers, body = self.ask(name, payload)
        self.assertEqual(first, "HTTP/1.1 200 OK")
        self.assertEqual(headers["X-Amz-Function-Error"], "Unhandled")
        self.assertEqual(headers["X-Amz-Executed-Version"], "$LATEST")
        self.assertRegex(headers["X-Amzn-Trace-Id"], "^[Rr]oot=1-[0-9a-f]{8}-[0-9a-f]{24}")
        self.assertRegex(headers["x-amzn-RequestId"], "^{}$".format(ID))
        return self.masked(body.decode(), headers["x-amzn-RequestId"])

    def row(self, name, recorded, payload=b"{}"):
        """One row of the table; a control shows that a comparison notices another order of keys."""
        with self.subTest(name):
            got = self.failed(name, payload)
            self.assertEqual(got, recorded)
            if recorded.startswith("{"):
                turned = dict(reversed(list(json.loads(recorded).items())))
                self.assertNotEqual(got, json.dumps(turned, separators=(",", ":")))
                self.assertNotEqual(got, json.dumps(turned))


class FailedInvocations(RecordedAnswers):
    def test_what_ends_the_process_or_never_ends(self):
        silent = runtime_error("Runtime.ExitError", "Runtime exited without providing a reason")
        status = runtime_error("Runtime.ExitError", "Runtime exited with error: exit status 127")
        late = runtime_error("Sandbox.Timedout", "Task timed out after 1.00 seconds")
        self.row("late", late)
        self.row("exits-at-import", silent)
        self.row("exits", silent)
        self.row("exits-127-at-import", status)
        self.row("exits", status, b'{"status": 127}')
        for number, text in (11, "segmentation fault"), (6, "aborted"), (9, "killed"), (15, "terminated"):
            recorded = runtime_error("Runtime.ExitError", "Runtime exited with error: signal: " + text)
            self.row("crashes", recorded, json.dumps({"signal": number}).encode())
        # No signal is told of: it is started again and again until the time is over.
        self.row("overflows-at-import", late)
        self.row("hangs-at-import", late)

    def test_a_timeout_as_it_was_in_2024(self):
        first, headers, body = self.ask("late-old")
        request = re.escape(headers["x-amzn-RequestId"])
        self.assertRegex(
            body.decode(), r'^\{"errorMessage":"%s %s Task timed out after 1\.00 seconds"\}$' % (TIME, request)
        )
        self.assertEqual((first, headers["X-Amz-Function-Error"]), ("HTTP/1.1 200 OK", "Unhandled"))

    def test_what_the_handler_and_its_module_raise(self):
        trace = json.dumps(
            ["  File \"/var/task/h.py\", line 2, in handler\n    raise Exception('Handler fails')\n"],
            ensure_ascii=False,
        )
        self.row("raises", fault("Exception", "Handler fails", trace, "<id>"))
        got = json.loads(self.failed("module-raises"))
        self.assertEqual(list(got), ["errorMessage", "errorType", "requestId", "stackTrace"])
        self.assertEqual((got["errorMessage"], got["errorType"], got["requestId"]), ("Module fails", "Exception", ""))
        self.assertTrue(got["stackTrace"][0].startswith('  File "<importlib>", line N, in import_module\n'), got)
        self.assertTrue(got["stackTrace"][1].startswith('  File "<frozen importlib._bootstrap>", line N, in'), got)
        module = "  File \"/var/task/h.py\", line 1, in <module>\n    raise Exception('Module fails')\n"
        self.assertEqual(got["stackTrace"][-1], module)

    def test_what_the_runtime_says_of_events_results_and_handlers(self):
        text = "Unable to marshal response: Object of type set is not JSON serializable"
        self.row("unmarshalable", fault("Runtime.MarshalError", text, request="<id>"))
        self.row("absent", fault("Runtime.HandlerNotFound", "Handler 'handler' missing on module 'h'"))
        text = "Unable to import module 'h': No module named 'no_such_module'"
        self.row("import-error", fault("Runtime.ImportModuleError", text))
        text = "Cannot use built-in module sys as a handler module"
        self.row("builtin", fault("Runtime.BuiltInModuleConflict", text))
        got = json.loads(self.failed("syntax"))
        self.assertEqual(list(got), ["errorMessage", "errorType", "requestId", "stackTrace"])
        self.assertRegex(got["errorMessage"], r"^Syntax error in module 'h': .* \(h\.py, line 2\)$")
        self.assertEqual((got["errorType"], got["requestId"]), ("Runtime.UserCodeSyntaxError", ""))
        self.assertEqual(got["stackTrace"], ['  File "/var/task/h.py" Line 2\n        return (\n'])
        if self.python.key >= (3, 11):
            got = json.loads(self.failed("echo", b"1" * 5000))
            self.assertEqual(got["errorType"], "Runtime.UnmarshalError")
            self.assertTrue(got["errorMessage"].startswith("Unable to unmarshal input: Exceeds the limit"), got)

    def test_a_response_that_is_too_large(self):
        recorded = (
            '{"errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes).",'
            '"errorType":"Function.ResponseSizeTooLarge"}'
        )
        self.row("large", recorded, json.dumps({"size": 6291556}).encode())
        first, headers, body = self.ask("large", json.dumps({"size": 6291554}).encode())
        self.assertEqual((first, len(body)), ("HTTP/1.1 200 OK", 6291556))  # with its quotes
        self.assertNotIn("X-Amz-Function-Error", headers)

    def test_nothing_is_null_and_no_error(self):
        first, headers, body = self.ask("none")
        self.assertEqual((first, body), ("HTTP/1.1 200 OK", b"null"))
        self.assertNotIn("X-Amz-Function-Error", headers)
        first, headers, body = self.ask("echo", b'{"a": "\xc3\xa9"}')
        text = '{"a": "é"}' if self.python.key >= (3, 12) else '{"a": "\\u00e9"}'
        self.assertEqual(body.decode(), text)


class RicAnswers(FailedInvocations):
    """The same, byte for byte, from the published client of the Runtime API."""

    ENGINE = "engine: ric\n"

    @classmethod
    def interpreter(cls):
        return next((each for each in reversed(harness.pythons()) if each.has("awslambdaric")), None)


class RefusedInvocations(RecordedAnswers):
    """Errors of the API, with the two ways in which AWS writes `message`."""

    def refused(self, status, kind, name, body=None, payload=b"{}", headers=()):
        with self.subTest(kind, name=name):
            first, told, got = self.ask(name, payload, headers)
            self.assertEqual(first.split(" ")[1], str(status), got)
            self.assertEqual(told["x-amzn-errortype"], kind)
            self.assertRegex(told["x-amzn-RequestId"], "^{}$".format(ID))
            self.assertNotIn("X-Amz-Function-Error", told)
            if body is not None:
                self.assertEqual(got.decode(), body)
            return got.decode()

    def test_errors_of_the_api(self):
        missing = '{"Type":"User","Message":"Function not found: %sdoesnotexist:$LATEST"}' % ARN
        self.refused(404, "ResourceNotFoundException", "doesnotexist", missing)
        reserved = (
            '{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}'
        )
        self.refused(429, "TooManyRequestsException", "reserved", reserved)
        told = self.refused(400, "InvalidRequestContentException", "none", payload=b"{oops")
        self.assertTrue(told.startswith('{"Type":"User","message":"Could not parse request body into json: '), told)
        told = self.refused(413, "RequestTooLargeException", "none", payload=b'"' + b"x" * (6 << 20) + b'"')
        self.assertEqual(list(json.loads(told)), ["Type", "message"])
        kind = ["X-Amz-Invocation-Type: Sometimes"]
        told = self.refused(400, "InvalidParameterValueException", "none", headers=kind)
        self.assertIn("message", json.loads(told))
        told = self.refused(502, "InvalidRuntimeException", "python-399")
        self.assertIn("3.99", told)

    def test_every_environment_is_busy(self):
        first = []
        other = threading.Thread(target=lambda: first.append(self.ask("busy")[0]))
        other.start()
        self.addCleanup(other.join)
        running = "SELECT count(*) FROM invocation WHERE outcome IS NULL"
        harness.wait_until(lambda: self.daemon.rows(running)[0][0] == 1, "the first invocation runs")
        busy = '{"Reason":"ConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}'
        self.refused(429, "TooManyRequestsException", "busy", busy)
        other.join()
        self.assertEqual(first, ["HTTP/1.1 200 OK"])


class OldAnswers(RecordedAnswers):
    """A daemon that answers as in 2024; and the flag wins over the settings."""

    SETTINGS = "lambda: {epoch: new}\n"
    ARGUMENTS = ("--epoch", "old")

    def test_a_timeout(self):
        body = self.failed("late")
        self.assertRegex(body, r'^\{"errorMessage":"%s <id> Task timed out after 1\.00 seconds"\}$' % TIME)
        # What has not changed is as it is.
        self.row("exits", runtime_error("Runtime.ExitError", "Runtime exited without providing a reason"))


if __name__ == "__main__":
    unittest.main()
