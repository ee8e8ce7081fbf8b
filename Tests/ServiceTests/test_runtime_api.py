"""`runtime: provided`: any program that asks the Runtime API for its invocations, with the life cycle of all others."""

import base64
import concurrent.futures
import contextlib
import json
import os
import pathlib
import shutil
import socket
import stat
import subprocess
import sys
import unittest

import harness
import stored_events

SAMPLES = harness.HOME / "Config/samples"

#: What the runtimes of these tests begin with: `ask` says one thing to the Runtime API over a connection that is kept.
BEGINNING = """
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time

ADDRESS = os.environ["AWS_LAMBDA_RUNTIME_API"]
RUNTIME = "/2018-06-01/runtime/"
api = http.client.HTTPConnection(ADDRESS)


def ask(method, path, body=None, headers={}, line=api):
    line.request(method, path if path.startswith("/") else RUNTIME + path, body, headers)
    answer = line.getresponse()
    return answer.status, dict(answer.headers), answer.read()


def wait():
    _, headers, body = ask("GET", "invocation/next")
    return headers["Lambda-Runtime-Aws-Request-Id"], json.loads(body), headers


def answer(id, result, headers={}):
    return ask("POST", "invocation/{}/response".format(id), json.dumps(result), headers)
"""

#: A runtime that answers each invocation with what an expression makes of `event`, `id` and `headers`.
LOOP = """
served = 0
while True:
    id, event, headers = wait()
    result = {}
    served += 1
    answer(id, result)
"""


def loop(expression):
    return BEGINNING + LOOP.format(expression)


class RuntimeAPITestCase(harness.ServiceTestCase):
    def write(self, name, code, **keys):
        """A plugin whose program is a Python file; returns its folder."""
        root = self.scratch / name
        root.mkdir()
        (root / "runtime.py").write_text(code)
        keys = {
            "name": name,
            "runtime": "provided",
            "command": json.dumps([sys.executable, "-u", "runtime.py"]),
            **keys,
        }
        (root / "plugin.yaml").write_text("".join("{}: {}\n".format(key, value) for key, value in keys.items()))
        return root

    @contextlib.contextmanager
    def serving(self, *plugins, settings=""):
        with harness.Daemon(plugins=plugins, settings=settings) as daemon, daemon.connect() as line:
            self.daemon, self.line = daemon, line
            yield line

    def run_once(self, code, event=None, **keys):
        """Invokes a runtime once; returns the reply."""
        with self.serving(self.write("once", code, **keys)) as line:
            return line.invoke("once", event)


class SampleTests(RuntimeAPITestCase):
    """The runtimes of Config/samples, of which none is ours."""

    def assertRuns(self, folder, greeting):
        with self.serving(folder) as line:
            name = folder.name
            first, second = line.invoke(name, {"n": 1}), line.invoke(name, {"n": 2})
            failed, last = line.invoke(name, {"fail": True}), line.invoke(name, {"n": 3})
            loops = self.daemon.json("loops", "--function", name)
            events = stored_events.stored_events(self.daemon.rows)
        self.assertEqual(first["result"], {"greeting": greeting, "event": {"n": 1}})
        self.assertEqual([each["invocation"]["start"] for each in (first, second, last)], ["cold", "warm", "warm"])
        self.assertEqual(second["result"]["event"], {"n": 2})
        self.assertEqual(failed["invocation"]["outcome"], "error")
        self.assertEqual(failed["result"]["errorMessage"], "the event says so")
        self.assertEqual(failed["invocation"]["errorType"], failed["result"]["errorType"])
        self.assertEqual(last["result"]["event"], {"n": 3})
        self.assertEqual(len({each["invocation"]["environment"] for each in (first, second, failed, last)}), 1)
        self.assertEqual(loops["loops"], [])
        self.assertEqual(events, [])
        self.assertEqual(first["findings"], [])

    @unittest.skipUnless(shutil.which("curl"), "there is no curl")
    def test_bash(self):
        self.assertRuns(SAMPLES / "runtime-shell", "Hello from bash!")

    def test_python(self):
        self.assertRuns(SAMPLES / "runtime-python", "Hello from Python!")

    @unittest.skipUnless(shutil.which("swiftc"), "there is no swiftc")
    def test_swift(self):
        folder = self.scratch / "runtime-swift"
        shutil.copytree(SAMPLES / "runtime-swift", folder, ignore=shutil.ignore_patterns("bootstrap"))
        subprocess.run(["swiftc", "-o", "bootstrap", "main.swift"], cwd=folder, check=True)
        self.assertRuns(folder, "Hello from Swift!")


class ContractTests(RuntimeAPITestCase):
    """What the Runtime API answers (facts: lambda §1)."""

    def test_an_invocation_comes_with_its_headers(self):
        context = {"custom": {"a": "ä"}, "env": {}}
        with self.serving(self.write("echo", loop("[id, event, headers, dict(os.environ)]"))) as line:
            plain = line.invoke("echo", {"n": 1})
            headers = {
                "X-Amz-Client-Context": base64.b64encode(json.dumps(context, indent=1).encode()).decode(),
                "X-Amzn-Trace-Id": "Root=1-5759e988-bd862e3fe1be46a994272793",
            }
            line.request("POST", "/2015-03-31/functions/echo/invocations", b'{"n": 2}', headers)
            second = json.loads(line.getresponse().read())
            known = line.ask("GET", "/2015-03-31/functions/echo/configuration")[1]
        self.assertEqual((known["Runtime"], known["Handler"]), ("provided.al2023", "bootstrap"))
        id, event, got, variables = plain["result"]
        self.assertEqual((id, event), (plain["invocation"]["id"], {"n": 1}))
        self.assertEqual(got["Content-Type"], "application/json")
        self.assertIn(":function:echo", got["Lambda-Runtime-Invoked-Function-Arn"])
        self.assertGreater(int(got["Lambda-Runtime-Deadline-Ms"]), 1_600_000_000_000)
        self.assertNotIn("Lambda-Runtime-Client-Context", got)
        self.assertNotIn("Lambda-Runtime-Cognito-Identity", got)
        self.assertEqual(variables["_HANDLER"], "bootstrap")
        self.assertEqual(variables["AWS_LAMBDA_FUNCTION_NAME"], "echo")
        self.assertNotIn("LOOPWARDEN_TOKEN", variables)
        self.assertRegex(variables["AWS_LAMBDA_RUNTIME_API"], r"^127\.\d+\.\d+\.\d+:\d+$")
        _, event, got, _ = second
        self.assertEqual(event, {"n": 2})
        self.assertEqual(json.loads(got["Lambda-Runtime-Client-Context"]), context)
        self.assertIn("Root=1-5759e988-bd862e3fe1be46a994272793", got["Lambda-Runtime-Trace-Id"])

    def test_what_is_wrong_is_refused_and_changes_nothing(self):
        code = (
            BEGINNING
            + """
def refused(*arguments, **keywords):
    status, _, body = ask(*arguments, **keywords)
    return [status, json.loads(body).get("errorType")]


early = [refused("POST", "invocation/x/response", "{}"), refused("POST", "invocation/x/error", "{}")]
id, event, _ = wait()
said = [
    refused("POST", "invocation/x/response", "{}"),
    refused("GET", "invocation/x/response"),
    refused("GET", "invocation/x"),
    refused("POST", "init/error", "{}"),
    refused("GET", "restore/next"),
    refused("POST", "invocation/{}/response".format(id), "{}", {"Origin": "http://example.org"}),
    refused("POST", "invocation/{}/response".format(id), "{}", {"Host": "example.org"}),
]
again = wait()[0] == id
ping = ask("GET", "/2018-06-01/ping")[::2]
status, _, body = answer(id, [early, said, again, [ping[0], ping[1].decode()]])
late = [refused("POST", "invocation/{}/response".format(id), "{}"), refused("POST", "invocation/x/error", "{}")]
id, event, _ = wait()
answer(id, [status, json.loads(body), late])
wait()
"""
        )
        with self.serving(self.write("wrong", code)) as line:
            first, second = line.invoke("wrong"), line.invoke("wrong")
        early, said, again, ping = first["result"]
        self.assertEqual(early, [[400, "InvalidRequestID"], [400, "InvalidRequestID"]])
        self.assertEqual(
            said,
            [
                [400, "InvalidRequestID"],
                [405, "MethodNotAllowed"],
                [404, "NotFound"],
                [403, "InvalidStateTransition"],
                [403, "InvalidStateTransition"],
                [403, "Forbidden"],
                [403, "Forbidden"],
            ],
        )
        self.assertTrue(again)
        self.assertEqual(ping, [200, "pong"])
        self.assertEqual(second["invocation"]["outcome"], "ok", second["result"])
        status, accepted, late = second["result"]
        self.assertEqual((status, accepted), (202, {"status": "OK"}))
        self.assertEqual(late, [[403, "InvalidStateTransition"], [400, "InvalidRequestID"]])
        self.assertEqual(second["invocation"]["start"], "warm")

    def test_too_large_an_answer_is_refused_and_the_runtime_goes_on(self):
        code = (
            BEGINNING
            + """
id, event, _ = wait()
small = ask("POST", "invocation/{}/response".format(id), b'"' + b"x" * (6291556 - 2) + b'"')[0]
id, event, _ = wait()
status, _, body = ask("POST", "invocation/{}/response".format(id), b'"' + b"x" * (6291556 - 1) + b'"')
id, event, _ = wait()
answer(id, [small, status, json.loads(body)])
wait()
"""
        )
        with self.serving(self.write("large", code, timeout=20)) as line:
            fits, large, after = line.invoke("large"), line.invoke("large"), line.invoke("large")
        self.assertEqual(len(fits["result"]), 6291556 - 2)
        self.assertEqual(large["invocation"]["outcome"], "error")
        self.assertEqual(
            large["result"],
            {
                "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
                "errorType": "Function.ResponseSizeTooLarge",
            },
        )
        small, status, body = after["result"]
        self.assertEqual((small, status), (202, 413))
        self.assertEqual(body["errorType"], "RequestEntityTooLarge")
        self.assertEqual(body["errorMessage"], "Exceeded maximum allowed payload size (6291556 bytes).")

    @unittest.skipUnless(shutil.which("curl"), "there is no curl")
    def test_curl_sends_large_answers_in_its_own_way(self):
        code = (
            BEGINNING
            + """
id, _, _ = wait()
url = "http://{}{}invocation/{}/response".format(ADDRESS, RUNTIME, id)
body = json.dumps("x" * 3000000)
command = ["curl", "-sS", "-H", "Expect: 100-continue", "--data-binary", "@-", url]
said = subprocess.run(command, input=body.encode(), stdout=subprocess.PIPE).stdout
id, _, _ = wait()
answer(id, said.decode())
wait()
"""
        )
        with self.serving(self.write("curls", code, timeout=20)) as line:
            self.assertEqual(len(line.invoke("curls")["result"]), 3000000)
            self.assertEqual(json.loads(line.invoke("curls")["result"]), {"status": "OK"})

    STREAM = (
        BEGINNING
        + """
def stream(id, parts, trailers=""):
    line = socket.create_connection(ADDRESS.split(":"))
    head = "POST {}invocation/{}/response HTTP/1.1\\r\\nHost: {}\\r\\nTransfer-Encoding: chunked\\r\\n"
    head += "Lambda-Runtime-Function-Response-Mode: streaming\\r\\n"
    head += "Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\\r\\n\\r\\n"
    line.sendall(head.format(RUNTIME, id, ADDRESS).encode())
    for part in parts:
        line.sendall("{:x}\\r\\n{}\\r\\n".format(len(part), part).encode())
        time.sleep(0.01)
    if trailers is not None:
        line.sendall("0\\r\\n{}\\r\\n".format(trailers).encode())
        return line.recv(12).decode()
    line.close()


"""
    )

    def test_a_streamed_answer_is_collected(self):
        code = self.STREAM + "id, _, _ = wait()\nstream(id, ['[1,', '2,', '3]'])\nwait()\n"
        reply = self.run_once(code)
        self.assertEqual((reply["invocation"]["outcome"], reply["result"]), ("ok", [1, 2, 3]))

    def test_a_streamed_answer_may_fail_at_its_end(self):
        body = base64.b64encode(b'{"errorMessage": "half way", "errorType": "Stopped"}').decode()
        trailers = "Lambda-Runtime-Function-Error-Type: Function.Stopped\\r\\n"
        trailers += "Lambda-Runtime-Function-Error-Body: {}\\r\\n".format(body)
        code = self.STREAM + "id, _, _ = wait()\nstream(id, ['[1,'], '{}')\nwait()\n".format(trailers)
        reply = self.run_once(code)
        self.assertEqual(reply["invocation"]["outcome"], "error")
        self.assertEqual(reply["result"], {"errorMessage": "half way", "errorType": "Stopped"})

    def test_an_answer_that_breaks_off_is_an_error(self):
        code = self.STREAM + "id, _, _ = wait()\nstream(id, ['[1,'], None)\nwait()\n"
        reply = self.run_once(code)
        self.assertEqual(reply["invocation"]["outcome"], "error")
        self.assertEqual(reply["invocation"]["errorType"], "Runtime.TruncatedResponse")

    def test_an_unknown_response_mode_is_an_error(self):
        code = BEGINNING + "id, _, _ = wait()\nanswer(id, 1, {'Lambda-Runtime-Function-Response-Mode': 'x'})\nwait()\n"
        reply = self.run_once(code)
        self.assertEqual(reply["invocation"]["errorType"], "Runtime.InvalidResponseModeHeader")

    def test_an_error_keeps_its_words(self):
        post = "ask('POST', 'invocation/{}/error'.format(id), BODY, HEADERS)\n"
        kind = {"Lambda-Runtime-Function-Error-Type": "Function.Refused"}
        cause = {"Content-Type": "application/vnd.aws.lambda.error.cause+json"}
        whole = {"errorMessage": "m", "errorType": "T", "stackTrace": ["a"]}
        for headers, body, error_type, result in (
            (kind, json.dumps(whole), "T", whole),
            (kind, "boom", "Function.Refused", "boom"),
            ({"Lambda-Runtime-Function-Error-Type": "x"}, "boom", "Runtime.Unknown", "boom"),
            (cause, json.dumps({**whole, "errorCause": {"exceptions": []}}), "T", whole),
        ):
            with self.subTest(headers=headers, body=body):
                code = BEGINNING + "id, _, _ = wait()\n" + post + "wait()\n"
                code = code.replace("BODY", repr(body)).replace("HEADERS", repr(headers))
                shutil.rmtree(self.scratch / "once", ignore_errors=True)
                reply = self.run_once(code)
                self.assertEqual(reply["invocation"]["outcome"], "error")
                self.assertEqual(reply["invocation"]["errorType"], error_type)
                self.assertEqual(reply["result"], result)

    def test_each_environment_has_an_address_of_its_own(self):
        code = loop("[ADDRESS, time.sleep(0.5)][0]")
        with self.serving(self.write("addresses", code)), concurrent.futures.ThreadPoolExecutor() as pool:

            def invoke(_):
                with self.daemon.connect() as line:
                    return line.invoke("addresses")["result"]

            addresses = set(pool.map(invoke, range(3)))
        self.assertEqual(len(addresses), 3)

    @unittest.skipUnless(socket.has_ipv6, "there is no IPv6")
    def test_who_speaks_ipv6_to_everybody_is_answered(self):
        code = (
            BEGINNING
            + """
host, port = ADDRESS.split(":")
mapped = http.client.HTTPConnection("::ffff:" + host, int(port))
mapped.connect()
family = mapped.sock.family == socket.AF_INET6
_, headers, _ = ask("GET", "invocation/next", None, {"Host": ADDRESS}, mapped)
answer(headers["Lambda-Runtime-Aws-Request-Id"], family)
wait()
"""
        )
        self.assertIs(self.run_once(code)["result"], True)

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("curl"), "only root can be somebody else")
    def test_nobody_else_is_answered(self):
        with self.serving(self.write("mine", loop("ADDRESS"))) as line:
            address = line.invoke("mine")["result"]
            ask = ["curl", "-sS", "-m", "5", "http://{}/2018-06-01/ping".format(address)]

            def be_nobody():
                os.setgroups([])
                os.setuid(65534)

            other = subprocess.run(ask, preexec_fn=be_nobody, capture_output=True, text=True, cwd="/")
            self.assertIn("is for processes of this environment", other.stdout, other.stderr)
            # It is who asks, and not how.
            self.assertEqual(subprocess.run(ask, capture_output=True, text=True).stdout, "pong")
            self.assertEqual(line.invoke("mine")["invocation"]["outcome"], "ok")


class LifeTests(RuntimeAPITestCase):
    """Timeouts, crashes and ends are as for python."""

    def outcome(self, code, event=None, **keys):
        reply = self.run_once(code, event, **keys)
        return reply["invocation"]["outcome"], reply["result"]

    def assertFails(self, code, outcome, error_type, message, **keys):
        found, result = self.outcome(code, **keys)
        self.assertEqual((found, result["errorType"]), (outcome, error_type), result)
        self.assertRegex(result["errorMessage"], message)

    def test_a_runtime_that_ends_before_it_asks(self):
        self.assertFails("", "crashed", "Runtime.ExitError", "Error: Runtime exited without providing a reason$")

    def test_an_exit_status_before_it_asks(self):
        self.assertFails("exit(127)", "crashed", "Runtime.ExitError", "exit status 127$")

    def test_an_error_of_loading(self):
        body = {"errorMessage": "no database", "errorType": "Runtime.NoDatabase", "stackTrace": []}
        code = BEGINNING + "ask('POST', 'init/error', {!r})\nexit(1)\n".format(json.dumps(body))
        self.assertEqual(self.outcome(code), ("error", body))

    def test_a_runtime_that_never_asks(self):
        self.assertFails(
            "import time; time.sleep(60)", "timeout", "Sandbox.Timedout", "timed out", initTimeout=0.5, timeout=0.5
        )

    def test_a_hang_resets_the_environment(self):
        code = loop("[served, time.sleep(60 if event.get('hang') else 0)][0]")
        with self.serving(self.write("hangs", code, timeout=1)) as line:
            self.assertEqual(line.invoke("hangs")["result"], 0)
            hung = line.invoke("hangs", {"hang": True})
            after = line.invoke("hangs")
        self.assertEqual(hung["invocation"]["outcome"], "timeout")
        self.assertRegex(hung["result"]["errorMessage"], "Task timed out after 1.00 seconds$")
        self.assertEqual((after["invocation"]["start"], after["invocation"]["cause"]), ("cold", "timeout"))
        self.assertEqual(after["result"], 0)

    def test_an_exit_in_an_invocation(self):
        for expression, message in (
            ("exit(3)", "exit status 3"),
            ("os._exit(0)", "without providing a reason"),
            ("os.kill(os.getpid(), signal.SIGKILL)", "signal: killed"),
        ):
            with self.subTest(expression):
                shutil.rmtree(self.scratch / "once", ignore_errors=True)
                self.assertFails(loop(expression), "crashed", "Runtime.ExitError", message)

    def test_an_end_after_the_answer_takes_nothing_back(self):
        code = BEGINNING + "id, _, _ = wait()\nanswer(id, 1)\nexit(4)\n"
        with self.serving(self.write("ends", code, concurrency=1)) as line:
            first, second = line.invoke("ends"), line.invoke("ends")
        self.assertEqual((first["invocation"]["outcome"], first["result"]), ("ok", 1))
        self.assertEqual((second["invocation"]["start"], second["invocation"]["cause"]), ("cold", "exit"))

    def test_what_comes_after_the_answer_holds_up_the_next_invocation(self):
        code = BEGINNING + "while True:\n    id, _, _ = wait()\n    answer(id, time.monotonic())\n    time.sleep(0.5)\n"
        with self.serving(self.write("late", code, concurrency=1)) as line:
            first, second = line.invoke("late"), line.invoke("late")
        self.assertEqual(second["invocation"]["start"], "warm")
        self.assertGreaterEqual(second["result"] - first["result"], 0.5)
        self.assertGreaterEqual(second["invocation"]["queuedMs"], 100)

    def test_what_comes_after_the_answer_has_the_time_of_its_invocation(self):
        code = BEGINNING + "while True:\n    id, _, _ = wait()\n    answer(id, 1)\n    time.sleep(60)\n"
        with self.serving(self.write("late", code, concurrency=1, timeout=1)) as line:
            first, second = line.invoke("late"), line.invoke("late")
        self.assertEqual(first["invocation"]["outcome"], "ok")
        self.assertEqual((second["invocation"]["start"], second["invocation"]["cause"]), ("cold", "timeout"))

    def test_garbage_is_refused_and_forgotten(self):
        code = (
            BEGINNING
            + """
answers = []
for garbage in (b"\\0\\1\\2 garbage\\r\\n\\r\\n", b"GET / HTTP/9\\r\\n\\r\\n", b"x" * 100000):
    line = socket.create_connection(ADDRESS.split(":"))
    # Who is refused may hear so while still talking.
    try:
        line.sendall(garbage)
        line.shutdown(socket.SHUT_WR)
        answers.append(line.recv(12).decode())
    except OSError:
        answers.append("")
id, _, _ = wait()
answer(id, answers)
wait()
"""
        )
        found, answers = self.outcome(code)
        self.assertEqual(found, "ok")
        for each in answers:
            self.assertIn(each, ("HTTP/1.1 400", "HTTP/1.1 404", "HTTP/1.1 403", ""))

    def test_no_garbage_brings_the_daemon_down(self):
        code = (
            BEGINNING
            + r"""
import random

random.seed(7)
id, _, _ = wait()
path = "{}invocation/{}/".format(RUNTIME, id)
whole = ["GET {0}invocation/next HTTP/1.1\r\nHost: {1}\r\n\r\n", "GET /2018-06-01/ping HTTP/1.1\r\n\r\n",
         "POST {2}response HTTP/1.1\r\nContent-Length: 5\r\n\r\n12345", "HEAD {2}error HTTP/1.1\r\n\r\n",
         "POST {0}invocation/x/response HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
         "GET {0}init/error HTTP/1.0\r\nExpect: 100-continue\r\n\r\n", "OPTIONS * HTTP/1.1\r\n\r\n"]
for number in range(200):
    line = socket.create_connection(ADDRESS.split(":"))
    text = "".join(random.choices([whole[0], whole[1], *whole[3:]], k=random.randint(1, 4)))
    data = bytearray(text.format(RUNTIME, ADDRESS, path.replace("invocation/" + id, "invocation/x")).encode())
    for _ in range(random.randint(0, 3)):
        data[random.randrange(len(data))] = random.randrange(256)
    line.sendall(data[: random.randrange(len(data)) + 1])
    if number % 3 == 0:
        line.settimeout(0.01)
        try:
            line.recv(100)
        except OSError:
            pass
    if number % 2 == 0:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    line.close()
answer(id, "still here")
wait()
"""
        )
        with self.serving(self.write("noise", code, timeout=20)) as line:
            reply = line.invoke("noise")
            self.assertEqual(reply["result"], "still here", reply)
            self.assertIsNone(self.daemon.process.poll())

    def test_it_is_frozen_and_thawed(self):
        code = loop("os.getpid()")
        with self.serving(self.write("cold", code, freeze="true", keepAlive=60)) as line:
            process = line.invoke("cold")["result"]

            def is_stopped():
                # In a group of its own, where there is one, it sleeps; else it is stopped by a signal.
                text = pathlib.Path("/proc", str(process), "cgroup").read_text()
                frozen = [
                    pathlib.Path("/sys/fs/cgroup", each.split(":")[2].strip("/\n"), "cgroup.freeze")
                    for each in text.splitlines()
                ]
                if any(each.exists() and each.read_text().strip() == "1" for each in frozen):
                    return True
                return harness.children()[process][1] == "T"

            harness.wait_until(is_stopped, "it is frozen")
            self.assertEqual(line.invoke("cold")["result"], process)
            harness.wait_until(is_stopped, "it is frozen again")

    def test_an_idle_one_is_ended(self):
        with self.serving(self.write("idle", loop("os.getpid()"), keepAlive=0.1)) as line:
            process = line.invoke("idle")["result"]
            harness.wait_until(lambda: process not in harness.children(), "it is ended")
            again = line.invoke("idle")
        self.assertEqual(again["invocation"]["cause"], "idle reaped")

    def test_what_it_has_started_ends_with_it(self):
        code = loop("subprocess.Popen(['sleep', '1000'], start_new_session=True).pid")
        with self.serving(self.write("parent", code)) as line:
            child = line.invoke("parent")["result"]
            self.assertIn(child, harness.children())
        self.assertNotIn(child, harness.descendants())

    def test_changed_code_is_loaded_anew(self):
        root = self.write("changed", loop("'old'"))
        with self.serving(root) as line:
            self.assertEqual(line.invoke("changed")["result"], "old")
            (root / "runtime.py").write_text(loop("'newer'"))
            again = line.invoke("changed")
        self.assertEqual(again["result"], "newer")
        self.assertEqual(again["invocation"]["cause"], "code change")

    def test_what_it_prints_is_its_log(self):
        with self.serving(self.write("prints", loop("print('said by', id)"))) as line:
            id = line.invoke("prints")["invocation"]["id"]
            shown = self.daemon.run("show", id).stdout
        self.assertIn("said by " + id, shown)
        self.assertIn("The function has a runtime of its own, in which no loop is seen.", shown)


class ManifestTests(RuntimeAPITestCase):
    """What somebody may have written wrong."""

    def started(self, **keys):
        root = self.scratch / "wrong"
        root.mkdir()
        keys = {"name": "wrong", "runtime": "provided", **keys}
        (root / "plugin.yaml").write_text("".join("{}: {}\n".format(key, value) for key, value in keys.items()))
        return root

    def test_no_bootstrap(self):
        with self.serving(self.started()) as line:
            reply = line.invoke("wrong")
        self.assertEqual(reply["result"]["errorType"], "Runtime.InvalidEntrypoint")
        self.assertRegex(reply["result"]["errorMessage"], r"Couldn't find valid bootstrap\(s\): \[.*/wrong/bootstrap\]")

    def test_a_bootstrap_that_may_not_be_executed(self):
        root = self.started()
        (root / "bootstrap").write_text("#!/bin/sh\n")
        with self.serving(root) as line:
            reply = line.invoke("wrong")
            self.assertIn("chmod +x", reply["result"]["errorMessage"])
            (root / "bootstrap").chmod(stat.S_IRWXU)
            reply = line.invoke("wrong")
        self.assertEqual(reply["result"]["errorType"], "Runtime.ExitError")

    def test_a_program_that_is_not_there(self):
        with self.serving(self.started(command="[no-such-program, x]")) as line:
            reply = line.invoke("wrong")
        self.assertIn("no-such-program", reply["result"]["errorMessage"])

    def refusal(self, **keys):
        done = harness.cli("check", self.started(**keys))
        self.assertEqual((done.returncode, done.stdout), (78, ""), done.stderr)
        return done.stderr

    def test_a_command_without_the_runtime(self):
        self.assertIn(
            "command: is for runtime: provided only", self.refusal(runtime="python", command="x", handler="a.b")
        )

    def test_keys_for_python(self):
        said = self.refusal(host="bare")
        self.assertIn("host: says nothing of a program with a runtime of its own", said)

    def test_a_check_says_that_there_is_nothing_to_see(self):
        done = harness.cli("check", SAMPLES / "runtime-python")
        self.assertIn("it has a runtime of its own (runtime: provided), in which no loop is seen", done.stdout)
        self.assertEqual(done.returncode, 69, done.stdout + done.stderr)

    def test_a_check_of_several_passes_it_over(self):
        shutil.copytree(SAMPLES / "runtime-python", self.scratch / "own")
        harness.write_plugin(self.scratch, "clean", "def handler(event, context):\n    return 1\n")
        done = harness.cli("check", self.scratch, "--schedule", "warm")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"runtime-python +provided .* not run +it has a runtime of its own")


if __name__ == "__main__":
    unittest.main()
