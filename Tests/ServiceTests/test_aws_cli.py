"""The AWS CLI as it is, calling functions over TCP: what it prints, what it writes, and the status it ends with."""

import base64
import json
import os
import pathlib
import subprocess
import unittest

import harness
from test_lambda_api import REPORT, LambdaTests

#: Of version 1, which is on PyPI; another one, such as version 2, can be named.
CLI = os.environ.get("AWS_CLI")


def command():
    """How the CLI is called, or None."""
    if CLI:
        return [CLI]
    python = next((each for each in reversed(harness.pythons()) if each.has("awscli")), None)
    return [python.path, str(pathlib.Path(python.path).with_name("aws"))] if python else None


class CLITests(LambdaTests):
    #: One start of the CLI costs more than all that Loopwarden does: the tests share it.
    PACE = 0.005

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.command = command()
        if cls.command is None:
            raise unittest.SkipTest("no interpreter has awscli")

    def aws(self, *arguments, raw=True):
        """Runs `aws lambda …` in the scratch folder; version 2 takes payloads as they are only when it is told to."""
        variables = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
        variables.update(
            AWS_ACCESS_KEY_ID="none",
            AWS_SECRET_ACCESS_KEY="none",
            AWS_DEFAULT_REGION="us-east-1",
            AWS_CONFIG_FILE=str(self.scratch / "config"),
            AWS_MAX_ATTEMPTS="2",
            HOME=str(self.scratch),
        )
        lines = "[default]\ncli_binary_format = {}\n".format("raw-in-base64-out" if raw else "base64")
        (self.scratch / "config").write_text(lines)
        return subprocess.run(
            [*self.command, "--endpoint-url", "http://127.0.0.1:{}".format(self.port), "lambda", *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=self.scratch,
            env=variables,
            timeout=harness.PATIENCE,
        )

    def told(self, *arguments):
        """What the CLI prints, which is JSON."""
        done = self.aws(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def written(self, name="out.json"):
        return json.loads((self.scratch / name).read_text())

    def test_a_synchronous_invocation_with_all_that_can_be_said_about_it(self):
        context = base64.b64encode(b'{"custom": {"tenant": "a"}}').decode()
        told = self.told(
            *("invoke", "--function-name", "orders", "--payload", '{"n": 1}', "--log-type", "Tail"),
            *("--client-context", context, "--qualifier", "$LATEST", "out.json"),
        )
        self.assertEqual((told["StatusCode"], told["ExecutedVersion"]), (200, "$LATEST"))
        self.assertNotIn("FunctionError", told)
        result = self.written()
        self.assertEqual((result["event"], result["custom"]), ({"n": 1}, {"tenant": "a"}))
        log = base64.b64decode(told["LogResult"]).decode()
        head = "START RequestId: {0} Version: $LATEST\nprinted\nEND RequestId: {0}\n".format(result["id"])
        self.assertTrue(log.startswith(head), log)
        self.assertRegex(log[len(head) :], REPORT.format(id=result["id"]))

    def test_a_payload_from_a_file_and_a_handlers_error(self):
        (self.scratch / "event.json").write_text('{"fail": true, "text": "ü"}')
        told = self.told("invoke", "--function-name", "orders", "--payload", "file://event.json", "out.json")
        self.assertEqual((told["StatusCode"], told["FunctionError"]), (200, "Unhandled"))
        self.assertEqual(self.written()["errorType"], "ValueError")
        told = self.told("invoke", "--function-name", "orders", "out.json")  # no payload at all
        self.assertEqual((told["StatusCode"], self.written()["event"]), (200, {}))

    def test_an_event_is_taken_and_a_dry_run_runs_nothing(self):
        seen = self.scratch / "seen"
        handler = "def handler(event, context):\n    open({!r}, 'a').write(event['n'])\n".format(str(seen))
        folder = harness.write_plugin(self.scratch, "noting", handler)
        self.assertEqual(self.daemon.run("functions", "add", folder).returncode, 0)
        told = self.told(
            *("invoke", "--function-name", "noting", "--invocation-type", "DryRun", "--payload", '{"n": "dry"}', "o")
        )
        self.assertEqual(told["StatusCode"], 204)
        told = self.told(
            *("invoke", "--function-name", "noting", "--invocation-type", "Event", "--payload", '{"n": "event"}', "o")
        )
        self.assertEqual(told, {"StatusCode": 202})
        harness.wait_until(seen.exists, "the event was handed to the function")
        self.assertEqual((seen.read_text(), (self.scratch / "o").read_bytes()), ("event", b""))

    def test_errors_of_the_api_are_told_as_such(self):
        for arguments, error in (
            (("--function-name", "nope"), "(ResourceNotFoundException)"),
            (("--function-name", "orders", "--qualifier", "7"), "(ResourceNotFoundException)"),
            (("--function-name", "orders", "--payload", "{oops"), "(InvalidRequestContentException)"),
            (("--function-name", "reserved"), "(TooManyRequestsException)"),
        ):
            with self.subTest(error=error):
                done = self.aws("invoke", *arguments, "out.json")
                self.assertIn(done.returncode, (254, 255), done.stderr)  # of version 2, of version 1
                self.assertIn(error, done.stderr)
        self.assertIn("reached max retries", done.stderr)  # of the last, which may be tried again
        done = self.aws("invoke", "--function-name", "orders", "--invocation-type", "Sometimes", "out.json")
        self.assertIn(done.returncode, (252, 254, 255), done.stderr)
        done = self.aws("create-alias", "--function-name", "orders", "--name", "a", "--function-version", "1")
        self.assertIn("(UnknownOperationException)", done.stderr)
        self.assertIn("GetFunctionConfiguration", done.stderr)  # what there is instead

    def test_functions_are_listed_and_described(self):
        listed = self.told("list-functions", "--max-items", "1")
        self.assertEqual([each["FunctionName"] for each in listed["Functions"]], ["orders"])
        rest = self.told("list-functions", "--page-size", "1", "--starting-token", listed["NextToken"])
        self.assertEqual([each["FunctionName"] for each in rest["Functions"]], ["reserved"])
        one = self.told("get-function", "--function-name", "reserved")
        self.assertEqual(one["Concurrency"], {"ReservedConcurrentExecutions": 0})
        self.assertEqual((one["Configuration"]["State"], one["Configuration"]["Version"]), ("Active", "$LATEST"))
        one = self.told("get-function-configuration", "--function-name", one["Configuration"]["FunctionArn"])
        self.assertEqual((one["Handler"], one["Timeout"], one["MemorySize"]), ("handler.handler", 3, 128))
        self.assertEqual(self.aws("wait", "function-active-v2", "--function-name", "orders").returncode, 0)
        done = self.aws("get-function", "--function-name", "nope")
        self.assertIn("(ResourceNotFoundException)", done.stderr)

    def test_the_url_that_the_cli_is_told_can_be_called(self):
        url = self.told("get-function-url-config", "--function-name", "orders")["FunctionUrl"]
        done = subprocess.run(
            ["curl", "--silent", "--include", "--data", "hello", "--header", "content-type: text/plain", url + "a/b"],
            capture_output=True,
            text=True,
            check=True,
            timeout=harness.PATIENCE,
        )
        self.assertTrue(done.stdout.startswith("HTTP/1.1 201"), done.stdout)
        self.assertTrue(done.stdout.endswith("\nhello"), done.stdout)
        self.assertIn("x-path: /a/b", done.stdout.lower())


if __name__ == "__main__":
    unittest.main()
