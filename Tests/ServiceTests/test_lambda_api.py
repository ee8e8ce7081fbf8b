"""AWS Lambda's Invoke API and function URLs: boto3 as it is, over TCP, and the same on the unix socket."""

import contextlib
import http.client
import json
import pathlib
import re
import signal
import socket
import sqlite3
import subprocess
import unittest
from unittest.mock import ANY

import harness

HANDLER = """
import os
import time


def handler(event, context):
    if "headers" in event:
        return {"statusCode": 201, "headers": {"X-Path": event["rawPath"]}, "cookies": ["a=b"], "body": event["body"]}
    if event.get("fail"):
        raise ValueError("no good")
    if event.get("wait"):
        time.sleep(event["wait"])
    print("printed")
    custom = context.client_context.custom if context.client_context else None
    if event.get("answer"):
        return "x" * event["answer"]
    told = {"tenant": context.tenant_id, "custom": custom, "trace": os.environ["_X_AMZN_TRACE_ID"]}
    return {"event": event, "id": context.aws_request_id, **told}
"""
#: Writes down what it was called with, in the file that is filled in.
SEES = """
import json


def handler(event, context):
    with open("{}", "a") as file:
        file.write(json.dumps({{"id": context.aws_request_id, "event": event}}) + "\\n")
"""
CLIENT = pathlib.Path(__file__).with_name("aws_clients") / "boto3_calls.py"
REPORT = (
    r"REPORT RequestId: {id}\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\t"
    r"Max Memory Used: \d+ MB\tInit Duration: \d+\.\d\d ms\n"
)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class LambdaTests(harness.ServiceTestCase):
    #: What pauses between tries are multiplied by.
    PACE = 1

    def setUp(self):
        super().setUp()
        self.port = free_port()
        self.plugin("orders", "timeout: 1\n")
        self.plugin("reserved", "reservedConcurrency: 0\n")
        self.daemon = harness.Daemon(
            plugins=[self.scratch / "plugins"],
            settings="lambda: {{port: {}, retryPace: {}}}\n".format(self.port, self.PACE),
        )
        self.daemon.start()
        self.addCleanup(self.daemon.__exit__)

    def plugin(self, name, lines):
        folder = self.scratch / "plugins" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "handler.py").write_text(HANDLER)
        (folder / "plugin.yaml").write_text("name: {}\nhandler: handler.handler\n{}".format(name, lines))

    def ask(self, method, path, body=None, headers=None):
        """One request over TCP; returns the response, read."""
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=harness.PATIENCE)) as line:
            line.request(method, path, body, headers or {})
            answer = line.getresponse()
            answer.text = answer.read().decode()
            return answer


class Boto3Tests(LambdaTests):
    def setUp(self):
        self.python = next((each for each in reversed(harness.pythons()) if each.has("boto3")), None)
        if self.python is None:
            self.skipTest("no interpreter has boto3")
        super().setUp()

    def call(self, *calls):
        order = {"endpoint": "http://127.0.0.1:{}".format(self.port), "calls": calls}
        done = subprocess.run(
            [self.python.path, CLIENT],
            input=json.dumps(order),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            timeout=harness.PATIENCE,
        )
        return json.loads(done.stdout)

    def test_a_synchronous_invocation_with_client_context_and_the_end_of_the_log(self):
        context = json.dumps({"custom": {"tenant": "a"}})
        order = {"FunctionName": "orders", "Payload": '{"n": 1}', "LogType": "Tail", "ClientContext": context}
        (reply,) = self.call(["invoke", order])
        result = json.loads(reply["Payload"])
        self.assertEqual((reply["StatusCode"], reply["ExecutedVersion"]), (200, "$LATEST"))
        self.assertEqual((result["event"], result["custom"]), ({"n": 1}, {"tenant": "a"}))
        self.assertEqual(result["id"], reply["headers"]["x-amzn-requestid"])
        self.assertEqual(result["trace"], reply["headers"]["x-amzn-trace-id"])
        self.assertNotIn("FunctionError", reply)
        head = "START RequestId: {0} Version: $LATEST\nprinted\nEND RequestId: {0}\n".format(result["id"])
        self.assertTrue(reply["LogResult"].startswith(head), reply["LogResult"])
        self.assertRegex(reply["LogResult"][len(head) :], REPORT.format(id=result["id"]))

    def test_a_handlers_error_and_its_timeout_are_no_errors_of_the_api(self):
        arn = "arn:aws:lambda:eu-west-1:123456789012:function:orders:$LATEST"
        raised, late = self.call(
            ["invoke", {"FunctionName": arn, "Payload": '{"fail": true}'}],
            ["invoke", {"FunctionName": "orders", "Payload": '{"wait": 60}'}],
        )
        for reply in raised, late:
            self.assertEqual((reply["StatusCode"], reply["FunctionError"]), (200, "Unhandled"))
        self.assertEqual(json.loads(raised["Payload"])["errorType"], "ValueError")
        error = json.loads(late["Payload"])
        self.assertEqual(error["errorType"], "Sandbox.Timedout")
        self.assertRegex(error["errorMessage"], r"^RequestId: [-0-9a-f]{36} Error: Task timed out after 1\.00 seconds$")

    def test_errors_of_the_api_have_the_codes_that_clients_know(self):
        large = '"' + "x" * (6 << 20) + '"'
        missing, version, reserved, broken, too_large, context, kind = self.call(
            ["invoke", {"FunctionName": "nope"}],
            ["invoke", {"FunctionName": "orders", "Qualifier": "7"}],
            ["invoke", {"FunctionName": "reserved"}],
            ["invoke", {"FunctionName": "orders", "Payload": "{oops"}],
            ["invoke", {"FunctionName": "orders", "Payload": large}],
            ["invoke", {"FunctionName": "orders", "ClientContext": "oops"}],
            ["invoke", {"FunctionName": "orders", "InvocationType": "Sometimes"}],
        )
        self.assertEqual(missing["error"], "ResourceNotFoundException")
        arn = "arn:aws:lambda:us-east-1:012345678912:function:nope:$LATEST"
        self.assertEqual(missing["message"], "Function not found: " + arn)
        self.assertEqual(version["error"], "ResourceNotFoundException")
        self.assertEqual((reserved["error"], reserved["attempts"]), ("TooManyRequestsException", 3))
        self.assertEqual(reserved["reason"], "ReservedFunctionConcurrentInvocationLimitExceeded")
        self.assertEqual(broken["error"], "InvalidRequestContentException")
        self.assertEqual((too_large["error"], too_large["attempts"]), ("RequestTooLargeException", 1))
        self.assertEqual(context["error"], "InvalidRequestContentException")
        self.assertEqual(kind["error"], "InvalidParameterValueException")

    def test_errors_come_with_the_status_the_headers_and_the_body_that_were_recorded(self):
        self.plugin("unrunnable", 'python: "3.99"\n')
        self.daemon.signal(signal.SIGHUP)
        self.daemon.wait_for_note("READY=1")
        invoke = "/2015-03-31/functions/{}/invocations".format
        for path, body, headers, status, error, told in (
            (invoke("nope"), "{}", {}, 404, "ResourceNotFoundException", {"Type": "User", "Message": ANY}),
            (invoke("orders"), "{oops", {}, 400, "InvalidRequestContentException", {"Type": "User", "message": ANY}),
            (invoke("orders"), "x" * (7 << 20), {}, 413, "RequestTooLargeException", {"Type": "User", "message": ANY}),
            (
                invoke("orders"),
                "<a/>",
                {"Content-Type": "text/xml"},
                *(415, "UnsupportedMediaTypeException", {"Type": "User", "message": ANY}),
            ),
            (
                invoke("orders"),
                "{}",
                {"X-Amz-Log-Type": "All"},
                *(400, "InvalidParameterValueException", {"message": ANY}),
            ),
            (invoke("a.b"), "{}", {}, 400, "ValidationException", {"message": ANY}),
            (
                invoke("reserved"),
                "{}",
                {},
                *(429, "TooManyRequestsException"),
                {
                    "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded",
                    "Type": "User",
                    "message": "Rate Exceeded.",
                },
            ),
            (invoke("unrunnable"), "{}", {}, 502, "InvalidRuntimeException", {"Type": "User", "Message": ANY}),
            ("/2015-03-31/event-source-mappings", "{}", {}, 404, "UnknownOperationException", {"message": ANY}),
        ):
            with self.subTest(error=error, status=status):
                answer = self.ask("POST", path, body, headers)
                self.assertEqual((answer.status, json.loads(answer.text)), (status, told))
                self.assertEqual(answer.getheader("x-amzn-errortype"), error)
                self.assertRegex(answer.getheader("x-amzn-RequestId"), "^[-0-9a-f]{36}$")
        self.assertIn("Could not parse request body into json: ", self.ask("POST", invoke("orders"), "{oops").text)
        self.assertIn("3.99", self.ask("POST", invoke("unrunnable"), "{}").text)
        state = json.loads(self.ask("GET", "/2015-03-31/functions/unrunnable/configuration").text)
        self.assertEqual(state["State"], "Failed")

    def test_payloads_may_be_as_large_as_on_aws_and_no_larger(self):
        def text(size):
            return '"' + "x" * (size - 2) + '"'

        # On a busy machine a second is not enough for so much.
        self.plugin("orders", "timeout: 60\n")
        most, more, event, late, answered = self.call(
            ["invoke", {"FunctionName": "orders", "Payload": text(6 << 20)}],
            ["invoke", {"FunctionName": "orders", "Payload": text((6 << 20) + 1)}],
            ["invoke", {"FunctionName": "orders", "Payload": text(1 << 20), "InvocationType": "Event"}],
            ["invoke", {"FunctionName": "orders", "Payload": text((1 << 20) + 1), "InvocationType": "Event"}],
            ["invoke", {"FunctionName": "orders", "Payload": '{"answer": 6291557}'}],
        )
        self.assertEqual(json.loads(most["Payload"])["errorType"], "AttributeError")  # a text has no `get`
        self.assertEqual((more["error"], more["status"], more["attempts"]), ("RequestTooLargeException", 413, 1))
        self.assertEqual(event["StatusCode"], 202)
        self.assertEqual((late["error"], late["status"]), ("RequestTooLargeException", 413))
        self.assertIn("1048577 byte payload is too large for the Event invocation type", late["message"])
        self.assertEqual(json.loads(answered["Payload"])["errorType"], "Function.ResponseSizeTooLarge")

    def test_a_stream_has_the_result_and_its_end(self):
        fine, wrong, missing = self.call(
            ["invoke_with_response_stream", {"FunctionName": "orders", "Payload": '{"n": 3}', "LogType": "Tail"}],
            ["invoke_with_response_stream", {"FunctionName": "orders", "Payload": '{"fail": true}'}],
            ["invoke_with_response_stream", {"FunctionName": "nope"}],
        )
        chunk, end = fine["EventStream"]
        self.assertEqual(json.loads(chunk["PayloadChunk"])["event"], {"n": 3})
        self.assertEqual(list(end["InvokeComplete"]), ["LogResult"])
        (end,) = wrong["EventStream"]
        self.assertEqual(json.loads(end["InvokeComplete"]["ErrorDetails"])["errorType"], "ValueError")
        self.assertEqual(missing["error"], "ResourceNotFoundException")

    def test_traces_tenants_and_executions_are_taken_as_they_come(self):
        trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
        headers = {"X-Amzn-Trace-Id": trace, "X-Amz-Tenant-Id": "blue", "X-Amz-Durable-Execution-Name": "run-1"}
        (reply,) = self.call(["invoke", {"FunctionName": "orders", "Headers": headers}])
        result = json.loads(reply["Payload"])
        self.assertEqual((result["trace"], reply["headers"]["x-amzn-trace-id"]), (trace, trace))
        self.assertEqual(result["tenant"], "blue")

    def test_a_dry_run_runs_nothing(self):
        (reply,) = self.call(["invoke", {"FunctionName": "orders", "InvocationType": "DryRun"}])
        self.assertEqual((reply["StatusCode"], reply["Payload"]), (204, ""))
        with contextlib.closing(harness.Connection(self.daemon.socket)) as line:
            self.assertEqual(line.ask("GET", "/v1/invocations")[1]["invocations"], [])

    def test_functions_are_listed_and_described(self):
        everything, first, second, one = self.call(
            ["list_functions", {}],
            ["list_functions", {"MaxItems": 1}],
            ["list_functions", {"MaxItems": 1, "Marker": "orders"}],
            ["get_function", {"FunctionName": "reserved"}],
        )
        self.assertEqual([each["FunctionName"] for each in everything["Functions"]], ["orders", "reserved"])
        self.assertEqual((first["NextMarker"], [each["Timeout"] for each in first["Functions"]]), ("orders", [1]))
        self.assertEqual([each["FunctionName"] for each in second["Functions"]], ["reserved"])
        self.assertEqual(one["Concurrency"], {"ReservedConcurrentExecutions": 0})
        self.assertEqual(one["Configuration"]["Handler"], "handler.handler")

    def test_what_else_there_is_to_know_of_a_function_is_told_and_the_rest_said_to_be_missing(self):
        reserved = {"FunctionName": "reserved"}
        own, none, versions, aliases, retries, url, account, tags, missing, unknown = self.call(
            ["get_function_concurrency", reserved],
            ["get_function_concurrency", {"FunctionName": "orders"}],
            ["list_versions_by_function", reserved],
            ["list_aliases", reserved],
            ["get_function_event_invoke_config", reserved],
            ["get_function_url_config", reserved],
            ["get_account_settings", {}],
            ["list_tags", {"Resource": "arn:aws:lambda:us-east-1:012345678912:function:reserved"}],
            ["get_function_concurrency", {"FunctionName": "nope"}],
            ["create_alias", {"FunctionName": "orders", "Name": "a", "FunctionVersion": "1"}],
        )
        self.assertEqual(own["ReservedConcurrentExecutions"], 0)
        self.assertNotIn("ReservedConcurrentExecutions", none)
        self.assertEqual([each["Version"] for each in versions["Versions"]], ["$LATEST"])
        self.assertEqual(aliases["Aliases"], [])
        self.assertEqual((retries["MaximumRetryAttempts"], retries["MaximumEventAgeInSeconds"]), (2, 21600))
        self.assertEqual(url["FunctionUrl"], "http://127.0.0.1:{}/lambda-url/reserved/".format(self.port))
        self.assertEqual(account["AccountUsage"]["FunctionCount"], 2)
        self.assertEqual(tags["Tags"], {})
        self.assertEqual(missing["error"], "ResourceNotFoundException")
        self.assertEqual((unknown["error"], unknown["status"]), ("UnknownOperationException", 404))
        self.assertIn("InvokeWithResponseStream", unknown["message"])


class EventTests(LambdaTests):
    """Event invocations: nobody waits, and nothing is lost."""

    PACE = 0.005  # one minute is 0.3 s

    def setUp(self):
        super().setUp()
        self.events = self.scratch / "events.jsonl"

    def add(self, name, handler, lines=""):
        folder = self.scratch / "plugins" / name
        folder.mkdir(parents=True)
        (folder / "handler.py").write_text(handler)
        (folder / "plugin.yaml").write_text("name: {}\nhandler: handler.handler\n{}".format(name, lines))
        with contextlib.closing(harness.Connection(self.daemon.socket)) as line:
            status, reply = line.ask("POST", "/v1/functions", json.dumps({"path": str(folder)}))
            self.assertEqual(status, 201, reply)

    def send(self, name, event):
        """Sends an event; returns its request id."""
        path = "/2015-03-31/functions/{}/invocations".format(name)
        answer = self.ask("POST", path, json.dumps(event), {"X-Amz-Invocation-Type": "Event"})
        self.assertEqual((answer.status, answer.text), (202, ""))
        return answer.getheader("x-amzn-requestid")

    def told(self, file, count=1):
        """The records in a destination's file, once there are so many."""

        def records():
            lines = file.read_text().splitlines() if file.exists() else []
            return [json.loads(line) for line in lines] if len(lines) >= count else None

        return harness.wait_until(records, "there are {} records in {}".format(count, file.name))

    def test_an_event_is_tried_three_times_under_one_request_id_and_then_told_of(self):
        handler = SEES.format(self.events) + "    raise ValueError(event['n'])\n"
        self.add("failing", handler, "events: {onFailure: {file: failed.jsonl}}\n")
        request = self.send("failing", {"n": 1})
        (record,) = self.told(self.scratch / "plugins" / "failing" / "failed.jsonl")
        context = record["requestContext"]
        self.assertEqual((context["requestId"], context["condition"]), (request, "RetriesExhausted"))
        self.assertEqual(context["approximateInvokeCount"], 3)
        self.assertEqual((record["requestPayload"], record["responsePayload"]["errorType"]), ({"n": 1}, "ValueError"))
        self.assertEqual([each["id"] for each in self.told(self.events, 3)], [request] * 3)
        with contextlib.closing(harness.Connection(self.daemon.socket)) as line:
            self.assertEqual(len(line.ask("GET", "/v1/invocations?function=failing")[1]["invocations"]), 3)
            self.assertEqual(line.ask("GET", "/v1/invocations/" + request)[0], 200)
            tried = line.ask("GET", "/v1/invocations?function=failing")[1]["invocations"]
        self.assertEqual([(each["requestId"], each["attempt"]) for each in tried], [(request, n) for n in (3, 2, 1)])
        self.assertEqual(len({each["id"] for each in tried}), 3)
        shown = self.daemon.run("show", tried[0]["id"])
        self.assertRegex(shown.stdout, r"(?s)Request +{}.*Attempt +3\n".format(request))

    def test_the_status_tells_how_many_events_wait_and_for_how_long(self):
        self.add("failing-on", "def handler(event, context):\n    raise ValueError\n", "events: {retries: 100}\n")
        for _ in range(3):
            self.send("failing-on", {})
        told = self.daemon.json("status")["daemon"]
        self.assertEqual(told["queuedEvents"], 3)
        self.assertGreater(told["oldestEventNs"], 0)
        self.assertIn("oldest queued event", self.daemon.run("status").stdout)

    def test_other_functions_and_programs_are_told_of_success(self):
        listener = SEES.format(self.events)
        self.add("listener", listener)
        self.add("first", "def handler(event, context):\n    return 7\n", "events: {onSuccess: {function: listener}}\n")
        request = self.send("first", {})
        (seen,) = self.told(self.events)
        self.assertEqual(seen["event"]["requestContext"]["requestId"], request)
        self.assertEqual(
            (seen["event"]["requestContext"]["condition"], seen["event"]["responsePayload"]), ("Success", 7)
        )
        output = self.scratch / "program.jsonl"
        command = 'events: {{onSuccess: {{command: [/bin/sh, -c, "cat > {}"]}}}}\n'.format(output)
        self.add("second", "def handler(event, context):\n    return 8\n", command)
        self.send("second", {})
        self.assertEqual(self.told(output)[0]["responsePayload"], 8)

    def test_a_function_that_takes_nothing_and_an_event_that_is_too_old_are_told_of(self):
        closed = "reservedConcurrency: 0\nevents: {onFailure: {file: failed.jsonl}}\n"
        self.add("closed", HANDLER, closed)
        self.send("closed", {})
        (record,) = self.told(self.scratch / "plugins" / "closed" / "failed.jsonl")
        self.assertEqual(record["requestContext"]["condition"], "ZeroReservedConcurrency")
        self.assertIsNone(record["responseContext"])
        impatient = "events: {maximumAge: 0.2, onFailure: {file: failed.jsonl}}\n"
        self.add("impatient", "def handler(event, context):\n    raise ValueError\n", impatient)
        self.send("impatient", {})
        (record,) = self.told(self.scratch / "plugins" / "impatient" / "failed.jsonl")
        self.assertEqual(record["requestContext"]["condition"], "EventAgeExceeded")

    def test_an_event_that_cannot_be_stored_is_not_taken(self):
        self.add("unreached", SEES.format(self.events))
        with contextlib.closing(sqlite3.connect(self.daemon.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")  # as a backup does that has gone wrong
            path = "/2015-03-31/functions/unreached/invocations"
            answer = self.ask("POST", path, "{}", {"X-Amz-Invocation-Type": "Event"})
            other.execute("ROLLBACK")
        self.assertEqual((answer.status, answer.getheader("x-amzn-errortype")), (500, "ServiceException"))
        told = json.loads(answer.text)
        self.assertEqual(told["Type"], "Service")
        self.assertIn("The event cannot be stored", told["message"])
        request = self.send("unreached", {})
        self.assertEqual([each["id"] for each in self.told(self.events)], [request])

    def test_of_many_events_each_is_had_once(self):
        self.add("quick", SEES.format(self.events))
        requests = [self.send("quick", {"n": number}) for number in range(200)]
        self.told(self.events, len(requests))
        self.assertEqual(self.daemon.stop(), 0)  # a second time would have come by then
        self.assertEqual(sorted(each["id"] for each in self.told(self.events)), sorted(requests))

    def test_throttled_events_wait_and_are_all_taken(self):
        slow = SEES.format(self.events) + "    __import__('time').sleep(0.05)\n"
        self.add("slow", slow, "reservedConcurrency: 1\n")
        requests = {self.send("slow", {"n": number}) for number in range(8)}
        self.assertEqual({each["id"] for each in self.told(self.events, 8)}, requests)

    def test_events_survive_a_daemon_that_is_killed(self):
        ready = self.scratch / "ready"
        unready = "    import os\n    if not os.path.exists({!r}):\n        raise ValueError\n".format(str(ready))
        handler = SEES.format(self.events) + unready
        self.add("orders-later", handler, "events: {retries: 100, maximumAge: 100}\n")
        requests = {self.send("orders-later", {"n": number}) for number in range(5)}
        self.told(self.events)
        self.daemon.kill()
        before = len(self.events.read_text().splitlines())
        ready.touch()
        self.daemon.start()
        # Each is had again, under its old id, by a daemon that was never told of it.
        records = self.told(self.events, before + len(requests))
        self.assertEqual({each["id"] for each in records[before:]}, requests)


class FunctionURLTests(LambdaTests):
    def test_a_url_is_answered_with_what_the_function_says(self):
        answer = self.ask("POST", "/lambda-url/orders/a/b?c=d", "hello", {"content-type": "text/plain"})
        self.assertEqual((answer.status, answer.text), (201, "hello"))
        self.assertEqual((answer.getheader("x-path"), answer.getheader("set-cookie")), ("/a/b", "a=b"))
        self.assertEqual(self.ask("GET", "/lambda-url/orders/").status, 502)  # its body is not there
        self.assertEqual(self.ask("GET", "/lambda-url/nope/").status, 404)
        self.assertEqual(self.ask("GET", "/lambda-url/reserved/").status, 429)

    def test_the_port_is_for_programs_of_this_machine(self):
        invoke = "/2015-03-31/functions/orders/invocations"
        self.assertEqual(self.ask("POST", invoke, "{}").status, 200)
        self.assertEqual(self.ask("POST", invoke, "{}", {"Host": "rebound.example"}).status, 403)
        self.assertEqual(self.ask("POST", invoke, "{}", {"Origin": "https://example.org"}).status, 403)
        self.assertEqual(self.ask("GET", "/v1/status").status, 404)  # the control API stays on its socket
        self.assertEqual(self.ask("GET", "/lambda-url/orders/", None, {"Origin": "https://example.org"}).status, 502)

    def test_the_unix_socket_serves_the_same(self):
        with contextlib.closing(harness.Connection(self.daemon.socket)) as line:
            status, reply = line.ask("POST", "/2015-03-31/functions/orders/invocations", '{"n": 2}')
        self.assertEqual((status, reply["event"]), (200, {"n": 2}))

    def test_another_port_and_pace_are_taken_up_at_a_reload(self):
        first, second = self.port, free_port()
        kept = http.client.HTTPConnection("127.0.0.1", first, timeout=harness.PATIENCE)
        self.addCleanup(kept.close)
        kept.connect()

        def reload(settings):
            self.daemon.write_settings(settings)
            self.daemon.signal(signal.SIGHUP)
            self.daemon.wait_for_note("READY=1")

        reload("lambda: {{port: {}, retryPace: 0.001}}\n".format(second))
        self.port = second
        self.assertEqual(self.ask("GET", "/2015-03-31/functions").status, 200)
        self.port = first
        harness.wait_until(lambda: self.refuses(first), "the old port is closed")
        # One that is taken changes nothing.
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            reload("lambda: {{port: {}}}\n".format(other.getsockname()[1]))
            self.port = second
            self.assertEqual(self.ask("GET", "/2015-03-31/functions").status, 200)
            (trouble,) = self.daemon.json("status")["troubles"]
            self.assertIn("port cannot be opened", trouble["trouble"])
        self.assertEqual(self.daemon.json("status")["daemon"]["lambdaPort"], second)
        reload("")
        harness.wait_until(lambda: self.refuses(second), "the port is closed")
        status = self.daemon.json("status")
        self.assertEqual((status["daemon"]["lambdaPort"], status["troubles"]), (None, []))
        reload("lambda: {{port: {}}}\n".format(second))
        self.assertEqual(self.ask("GET", "/2015-03-31/functions").status, 200)
        self.assertEqual(self.daemon.stop(), 0)

    def refuses(self, port):
        with socket.socket() as line:
            return line.connect_ex(("127.0.0.1", port)) != 0

    def test_a_port_that_is_taken_is_said_at_the_start(self):
        other = harness.Daemon(settings="lambda: {{port: {}}}\n".format(self.port))
        self.addCleanup(other.__exit__)
        self.assertEqual(other.begin().wait(), 75)
        self.assertTrue(re.search(r"127\.0\.0\.1:\d+.*lambda\.port", other.log, re.DOTALL), other.log)


if __name__ == "__main__":
    unittest.main()
