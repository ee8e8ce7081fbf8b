"""What `loopwarden check` is given: events, interpreters, packages, and everything that may be wrong with them."""

import base64
import gzip
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import unittest
import zipfile

import harness

ECHO = "def handler(event, context):\n    return event\n"
NUMBERS = "def handler(event, context):\n    return event['n']\n"
WHERE = "import sys\n\n\ndef handler(event, context):\n    raise SystemError(sys.prefix)\n"
USES_DEMO = "import demo_package\n\n\ndef handler(event, context):\n    return demo_package.ANSWER\n"


class InputTestCase(harness.CheckTestCase):
    """Runs checks with a cache of their own."""

    patience = 4 * harness.PATIENCE

    def setUp(self):
        super().setUp()
        self.cache = self.scratch / "cache"
        self.cache.mkdir(mode=0o700)

    def environment(self, **more):
        own = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
        path = [each for each in own["PATH"].split(":") if not pathlib.Path(each, "uv").exists()]
        return {**own, "PATH": ":".join(path), "TMPDIR": str(self.scratch), "XDG_CACHE_HOME": str(self.cache), **more}

    def report(self, *arguments, **options):
        """What a check of one plain life says in JSON."""
        done = self.check(*arguments, "--schedule", "warm", "--json", **options)
        self.assertTrue(done.stdout, done.stderr)
        return json.loads(done.stdout)


class EventTests(InputTestCase):
    def test_an_event_is_text_a_file_or_standard_input(self):
        name = self.write(NUMBERS)
        self.write('\ufeff{"n": 1}', "event.json")  # with the mark that some editors put before it
        for event, stdin in (('{"n": 1}', ""), ("event.json", ""), ("@event.json", ""), ("-", '{"n": 1}')):
            with self.subTest(event=event):
                done = self.check(name, "--schedule", "warm", "--event", event, stdin=stdin)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(self.check(name, "--schedule", "warm").returncode, 2)

    def test_the_events_of_a_folder_are_used_in_turn_and_named(self):
        name = self.write(NUMBERS)
        for number, event in enumerate(({"n": 1}, {"n": 2}, {"n": 3}, {"m": 4})):
            self.write(json.dumps(event), "events/{}.json".format(number))
        self.write("no event", "events/read.me")
        (run,) = self.report(name, "--event", "events")["runs"]
        self.assertEqual([each["event"] for each in run["invocations"]], ["0.json", "1.json", "2.json", "3.json"])
        self.assertEqual([each["outcome"] for each in run["invocations"]], ["ok", "ok", "ok", "error"])
        done = self.check(name, "--event", "events", "--schedule", "warm")
        self.assertEqual(done.returncode, 1)
        self.assertIn("(3.json): KeyError: 'n'", done.stdout)

    def test_a_list_of_events_may_be_one_array(self):
        name = self.write(NUMBERS)
        self.write('[{"n": 1}, {"n": 2}]', "all.json")
        for events in ('[{"n": 1}, {"n": 2}]', "all.json"):
            (run,) = json.loads(self.check(name, "--events", events, "--json").stdout)["runs"]
            self.assertEqual(([each["outcome"] for each in run["invocations"]]), ["ok", "ok"])
            self.assertEqual(run["schedule"], "given")

    def test_a_manifest_names_its_event(self):
        plugin = self.scratch / "plugin"
        self.write(NUMBERS, "plugin/handler.py")
        self.write('{"n": 5}', "plugin/event.json")
        manifest = "handler: handler.handler\n{}\n"
        self.write(manifest.format("event: event.json"), "plugin/plugin.yaml")
        (run,) = self.report(plugin)["runs"]
        self.assertEqual({(each["event"], each["outcome"]) for each in run["invocations"]}, {("event.json", "ok")})
        (run,) = self.report(plugin, "--event", "{}")["runs"]
        self.assertEqual({(each["event"], each["outcome"]) for each in run["invocations"]}, {(None, "error")})
        self.write("def handler(event, context):\n    return event['Records'][0]['body']\n", "plugin/handler.py")
        self.write(manifest.format("eventSource: sqs"), "plugin/plugin.yaml")
        (run,) = self.report(plugin)["runs"]
        self.assertEqual({(each["event"], each["outcome"]) for each in run["invocations"]}, {("sqs", "ok")})
        for line, status, part in (
            (
                "eventSource: sqss",
                78,
                'plugin.yaml:2: eventSource: there is no event source "sqss". Did you mean "sqs"?',
            ),
            ("eventSource: sqs\nevent: event.json", 78, "give one of event and eventSource, not both"),
            ("event: none.json", 66, "There is no file "),
        ):
            self.write(manifest.format(line), "plugin/plugin.yaml")
            done = self.check(plugin)
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertIn(part, done.stderr)

    def test_who_gives_no_event_is_told_which_would_do(self):
        done = self.check(self.write("def handler(event, context):\n    return event['awslogs']\n"))
        self.assertEqual(done.returncode, 2)
        self.assertIn("The event was {}: ", done.stdout)
        self.assertIn("--event-source cloudwatch-logs", done.stdout)
        done = self.check("orders.py", "--event", "{}")
        self.assertNotIn("The event was {}", done.stdout)

    def test_wrong_events_are_told(self):
        name = self.write(ECHO)
        self.write('{\n  "n": nul\n}', "bad.json")
        self.write("{}", "mixed/1.json")
        self.write('{"n": 1,}', "mixed/2.json")
        (self.scratch / "empty").mkdir()
        self.write(json.dumps("x" * 7_000_000), "large.json")
        (self.scratch / "utf16.json").write_bytes('{"n": 1}'.encode("utf-16"))
        for arguments, status, parts in (
            (["--event", "bad.json"], 65, ["bad.json:2:8: the event is not JSON: "]),
            (["--event", "mixed"], 65, ["mixed/2.json:1:9: the event is not JSON: "]),
            (["--event", "{a: 1}"], 65, ["on the command line", "line 1, column 2", "single quotes"]),
            (["--event", "none.json"], 66, ["There is no file none.json."]),
            (["--event", "@none"], 66, ["There is no file none."]),
            (["--event", "empty"], 66, ["The folder empty has no event"]),
            (["--event", "utf16.json"], 65, ["it is UTF-16"]),
            (["--event", "large.json"], 65, ["The event has 7000002 bytes; the most is 6291556."]),
            (["--events", "[]"], 66, ["The list of events is empty."]),
            (["--events", "mixed/1.json", "none.json"], 66, ["There is no file none.json."]),
            (["--event", "{}", "--event-source", "sqs"], 64, ["--event and --event-source"]),
            (
                ["--event-source", "dynamo"],
                64,
                ['no event source "dynamo"', 'Did you mean "dynamodb"?', "There are: sqs"],
            ),
        ):
            with self.subTest(arguments=arguments):
                done = self.check(name, *arguments)
                self.assertEqual((done.returncode, done.stdout), (status, ""), done.stderr)
                for part in parts:
                    self.assertIn(part, done.stderr)
        if os.geteuid() != 0:
            (self.scratch / "bad.json").chmod(0)
            done = self.check(name, "--event", "bad.json")
            self.assertEqual(done.returncode, 66)
            self.assertIn("bad.json cannot be read: Permission denied", done.stderr)


def sources():
    listed = subprocess.run([harness.BINARY, "event-source", "--json"], capture_output=True, text=True, check=True)
    return {each["name"]: each for each in json.loads(listed.stdout)["eventSources"]}


def sample(name):
    return json.loads(subprocess.run([harness.BINARY, "event-source", name], capture_output=True, check=True).stdout)


class EventSourceTests(InputTestCase):
    #: The class with which Powertools for AWS Lambda reads each, and what of it must be there.
    READERS = {
        "sqs": ("SQSEvent", "[each.json_body['orderId'] for each in event.records]", ["1001", "1002"]),
        "sns": ("SNSEvent", "[each.sns.message_id[:8] for each in event.records]", ["95df01b4"]),
        "s3": ("S3Event", "[event.bucket_name, event.object_key]", ["example-uploads", "incoming/order 1001.json"]),
        "eventbridge": ("EventBridgeEvent", "[event.source, event.detail['orderId']]", ["com.example.orders", "1001"]),
        "scheduled": ("EventBridgeEvent", "[event.detail_type, event.detail]", ["Scheduled Event", {}]),
        "apigw": ("APIGatewayProxyEvent", "[event.http_method, event.json_body['orderId']]", ["POST", "1001"]),
        "http-api": (
            "APIGatewayProxyEventV2",
            "[event.request_context.http.method, event.json_body['orderId'], event.raw_path]",
            ["POST", "1001", "/orders"],
        ),
        "lambda-url": (
            "LambdaFunctionUrlEvent",
            "[event.request_context.http.method, event.path]",
            ["POST", "/orders"],
        ),
        "websocket": (None, "[event['requestContext']['eventType']]", ["MESSAGE"]),
        "authorizer": (
            "api_gateway_authorizer_event.APIGatewayAuthorizerRequestEvent",
            "[event.parsed_arn.http_method, event.http_method]",
            ["POST", "POST"],
        ),
        "alb": ("ALBEvent", "[event.request_context.elb_target_group_arn[:7], event.path]", ["arn:aws", "/orders"]),
        "dynamodb": (
            "DynamoDBStreamEvent",
            "[(each.event_name.name, each.dynamodb.new_image['orderId']) for each in event.records]",
            [["INSERT", "1001"], ["MODIFY", "1001"]],
        ),
        "kinesis": (
            "KinesisStreamEvent",
            "[each.kinesis.data_as_json()['orderId'] for each in event.records]",
            ["1001", "1002"],
        ),
        "firehose": (
            "KinesisFirehoseEvent",
            "[each.data_as_json['orderId'] for each in event.records]",
            ["1001", "1002"],
        ),
        "kafka": ("KafkaEvent", "[each.json_value['orderId'] for each in event.records]", ["1001", "1002"]),
        "cognito": (
            "cognito_user_pool_event.PreSignUpTriggerEvent",
            "[event.trigger_source, event.request.user_attributes['email']]",
            ["PreSignUp_SignUp", "ada@example.com"],
        ),
        "cloudwatch-logs": (
            "CloudWatchLogsEvent",
            "[event.parse_logs_data().log_group, len(event.parse_logs_data().log_events)]",
            ["/aws/lambda/orders", 2],
        ),
        "ses": ("SESEvent", "[event.mail.common_headers.subject]", ["Order 1001"]),
        "secrets-manager": ("SecretsManagerEvent", "[event.secret_id[:7], event['Step']]", ["arn:aws", "createSecret"]),
        "cloudformation": ("CloudFormationCustomResourceEvent", "[event.request_type]", ["Create"]),
    }

    def test_there_is_one_for_each_service_and_no_other(self):
        self.assertEqual(set(sources()), set(self.READERS))

    def test_what_is_inside_them_is_true(self):
        for record in sample("sqs")["Records"]:
            self.assertEqual(hashlib.md5(record["body"].encode()).hexdigest(), record["md5OfBody"])
        logs = json.loads(gzip.decompress(base64.b64decode(sample("cloudwatch-logs")["awslogs"]["data"])))
        self.assertEqual(logs["messageType"], "DATA_MESSAGE")
        for name in sources():
            text = json.dumps(sample(name))
            self.assertEqual(set(re.findall(r"\b(?:us|eu|ap)-[a-z]+-\d\b", text)) - {"us-east-1"}, set(), name)
            self.assertEqual(set(re.findall(r"(?<![\w.-])\d{12}(?!\d)", text)) - {"012345678912"}, set(), name)

    def test_powertools_reads_them(self):
        """Held against what people read such events with."""
        program = """
import json, sys, aws_lambda_powertools.utilities.data_classes as classes, importlib
for name, reader, expression in json.load(sys.stdin)["readers"]:
    event = samples = json.loads(sys.argv[1])[name]
    if reader:
        module, _, word = reader.rpartition(".")
        home = importlib.import_module(classes.__name__ + "." + module) if module else classes
        event = getattr(home, word)(event)
    print(json.dumps(eval(expression)))
"""
        python = next((each for each in harness.pythons() if each.has("aws_lambda_powertools")), None)
        if python is None:
            self.skipTest("no Python here has aws-lambda-powertools")
        readers = [[name, reader, expression] for name, (reader, expression, _) in self.READERS.items()]
        samples = {name: sample(name) for name in self.READERS}
        done = subprocess.run(
            [python.path, "-W", "ignore", "-c", program, json.dumps(samples)],
            input=json.dumps({"readers": readers}),
            capture_output=True,
            text=True,
            env=self.environment(POWERTOOLS_SERVICE_NAME="test"),
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        for (name, (_, _, expected)), line in zip(self.READERS.items(), done.stdout.splitlines()):
            self.assertEqual(json.loads(line), expected, name)

    def test_they_are_found_and_given_to_handlers(self):
        self.write("def handler(event, context):\n    assert event['awslogs'], event\n")
        for name in ("cloudwatch-logs", "logs"):
            (run,) = self.report("orders.py", "--event-source", name)["runs"]
            self.assertEqual({each["outcome"] for each in run["invocations"]}, {"ok"})
        (run,) = self.report("orders.py", "--event-source", "sqs")["runs"]
        self.assertEqual({each["errorType"] for each in run["invocations"]}, {"KeyError"})
        done = subprocess.run([harness.BINARY, "event-source", "nosuch"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 64)
        self.assertIn("There are: sqs, ", done.stderr)
        listed = subprocess.run([harness.BINARY, "check", "--help"], capture_output=True, text=True).stdout
        for name in sources():
            self.assertIn(name, listed)


class InterpreterTests(InputTestCase):
    def virtual_environment(self, place, python=None):
        python = python or harness.pythons()[0]
        folder = self.scratch / place
        subprocess.run([python.path, "-m", "venv", "--without-pip", folder], check=True)
        return folder

    def where(self, *arguments, **options):
        """The prefix of the interpreter that a handler ran on, and what the report says of it."""
        (run,) = self.report(*arguments, **options)["runs"]
        return pathlib.Path(run["invocations"][0]["errorMessage"]), run

    def test_a_virtual_environment_is_found_as_a_person_would_expect(self):
        name = self.write(WHERE, "project/src/shop/orders.py")
        (self.scratch / "project/.git").mkdir()
        outside = self.virtual_environment(".venv")
        prefix, run = self.where(name)
        self.assertNotEqual(prefix, outside, "a repository ends at its .git")
        self.assertIsNone(run["packages"])
        project = self.virtual_environment("project/.venv")
        prefix, run = self.where(name)
        self.assertEqual((prefix, run["packages"]), (project, "project/.venv"))
        self.assertEqual(pathlib.Path(run["interpreter"]).parent, project / "bin")
        beside = self.virtual_environment("project/src/shop/venv")
        self.assertEqual(self.where(name)[0], beside)
        active = self.virtual_environment("active")
        self.assertEqual(self.where(name, VIRTUAL_ENV=str(active))[0], active)
        self.assertEqual(self.where(name, "--venv", "project/.venv", VIRTUAL_ENV=str(active))[0], project)
        self.assertIn("(project/.venv)", self.check(name, "--venv", "project/.venv").stdout)

    def test_one_of_another_version_is_not_used_and_that_is_said(self):
        pythons = harness.pythons()
        if len(pythons) < 2:
            self.skipTest("one Python only")
        name = self.write("import no_such_package\n" + ECHO, "project/orders.py")
        self.virtual_environment("project/.venv", pythons[0])
        done = self.check(name, "--python", pythons[1].version)
        self.assertEqual(done.returncode, 2)
        self.assertIn("“no_such_package” is not installed for Python {}.".format(pythons[1].version), done.stdout)
        self.assertIn("was not used: --venv project/.venv does", done.stdout)
        (run,) = self.report(name, "--python", pythons[0].version)["runs"]
        self.assertEqual(run["packages"], "project/.venv")

    def test_wrong_interpreters_are_told(self):
        name = self.write(ECHO)
        (self.scratch / "file").write_text("no program")
        for arguments, status, parts in (
            (["--python", "3.99"], 69, ["no Python “3.99” was found; there are 3.", "uv python install 3.99"]),
            (["--python", "nopython"], 69, ["no Python “nopython” was found"]),
            (["--python", "./file"], 69, ["file may not be executed"]),
            (["--python", "./nowhere/python"], 69, ["there is no interpreter at ./nowhere/python"]),
            (["--venv", "."], 66, [". is no virtual environment: it has no bin/python."]),
            (["--venv", "none"], 66, ["There is no none."]),
            (["--venv", "none", "--python", "3.11"], 64, ["leave --python out"]),
            (["--venv", "none", "--requirements", "x"], 64, ["--venv and --requirements"]),
            (["--requirements", "none.txt"], 66, ["none.txt cannot be read: No such file"]),
            (["--env", "STAGE"], 64, ["STAGE"]),
        ):
            with self.subTest(arguments=arguments):
                done = self.check(name, *arguments)
                self.assertEqual(done.returncode, status, done.stdout + done.stderr)
                for part in parts:
                    self.assertIn(part, done.stdout + done.stderr)


class RequirementsTests(InputTestCase):
    def setUp(self):
        super().setUp()
        # A wheel by hand, so that nothing is asked of a network.
        info = "demo_package-1.0.dist-info/"
        with zipfile.ZipFile(self.scratch / "demo_package-1.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr("demo_package.py", "ANSWER = 42\n")
            wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\nName: demo-package\nVersion: 1.0\n")
            wheel.writestr(
                info + "WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            wheel.writestr(info + "RECORD", "demo_package.py,,\n{0}METADATA,,\n{0}WHEEL,,\n{0}RECORD,,\n".format(info))
        self.write("--no-index\n./demo_package-1.0-py3-none-any.whl\n", "requirements.txt")
        self.write(USES_DEMO)
        self.python = harness.pythons()[0]

    def environments(self):
        return sorted(each.name for each in (self.cache / "loopwarden/venvs").glob("3.*") if each.is_dir())

    def arguments(self, requirements="requirements.txt"):
        return ["orders.py", "--requirements", requirements, "--python", self.python.version, "--schedule", "warm"]

    def test_they_are_installed_once_and_only_when_asked_for(self):
        done = self.check("orders.py", "--python", self.python.version)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--requirements requirements.txt installs what that file lists", done.stdout)
        self.assertFalse((self.cache / "loopwarden/venvs").exists())
        done = self.check(*self.arguments())
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stderr, "(?m)^Python .*install -r requirements.txt$")
        self.assertIn("(requirements.txt)", done.stdout)
        (built,) = self.environments()
        began = time.monotonic()
        done = self.check(*self.arguments())
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertLess(time.monotonic() - began, harness.PATIENCE / 3)
        self.assertEqual(self.environments(), [built])
        # Another list is another environment.
        self.write("--no-index\n./demo_package-1.0-py3-none-any.whl\n# more\n", "requirements.txt")
        self.assertEqual(self.check(*self.arguments()).returncode, 0)
        self.assertEqual(len(self.environments()), 2)

    def test_two_checks_at_once_install_once(self):
        command = [harness.BINARY, "check", *self.arguments()]
        both = [
            subprocess.Popen(
                command,
                cwd=self.scratch,
                env=self.environment(),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for _ in range(2)
        ]
        said = [each.communicate(timeout=harness.PATIENCE * 4)[1] for each in both]
        self.assertEqual([each.returncode for each in both], [0, 0], said)
        self.assertEqual("".join(said).count("install -r requirements.txt"), 1, said)
        self.assertEqual(len(self.environments()), 1)

    def test_each_handler_may_have_requirements_of_its_own(self):
        self.write("def handler(event, context):\n    import demo_package\n", "two/handler.py")
        self.write("--no-index\n../demo_package-1.0-py3-none-any.whl\n", "one/requirements.txt")
        self.write(USES_DEMO, "one/handler.py")
        for name in ("one", "two"):
            self.write("handler: handler.handler\npython: {}\n".format(self.python.version), name + "/plugin.yaml")
        runs = {run["function"]: run for run in self.report("one", "two", "--requirements", "own")["runs"]}
        self.assertEqual({each["outcome"] for each in runs["one"]["invocations"]}, {"ok"})
        self.assertEqual((runs["one"]["packages"], runs["two"]["packages"]), ("requirements.txt", None))
        self.assertEqual({each["errorType"] for each in runs["two"]["invocations"]}, {"ModuleNotFoundError"})
        self.assertEqual(len(self.environments()), 1)

    def test_uv_installs_them_where_it_is_on_the_path(self):
        log = self.scratch / "log"
        self.write(
            '#!/bin/sh\necho "$@" >> {}\n'.format(log)
            + 'if [ "$1" = venv ]; then exec "$5" -m venv "$6"; fi\nexec "$4" -m pip install "$6" "$7"\n',
            "bin/uv",
        )
        (self.scratch / "bin/uv").chmod(0o755)
        path = "{}:{}".format(self.scratch / "bin", self.environment()["PATH"])
        done = self.check(*self.arguments(), PATH=path)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(log.read_text(), "^venv .*--python .*\npip install --python .*-r .*requirements.txt\n$")

    def test_a_half_built_one_is_never_used(self):
        command = [harness.BINARY, "check", *self.arguments()]
        killed = subprocess.Popen(
            command, cwd=self.scratch, env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        venvs = self.cache / "loopwarden/venvs"
        harness.wait_until(lambda: list(venvs.glob("3.*/pyvenv.cfg")), "an environment is begun")
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
        for left in self.scratch.glob("loopwarden-*"):
            shutil.rmtree(left)
        (half,) = self.environments()
        self.assertFalse((venvs / half / "loopwarden-ready").exists())
        (venvs / half / "trace").write_text("")
        done = self.check(*self.arguments())
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(self.environments(), [half])
        self.assertFalse((venvs / half / "trace").exists())
        self.assertTrue((venvs / half / "loopwarden-ready").exists())

    def test_a_failed_install_is_told_with_what_was_said_last(self):
        self.write("--no-index\nno-such-package-anywhere\n", "bad.txt")
        done = self.check(*self.arguments("bad.txt"))
        self.assertEqual(done.returncode, 69)
        self.assertIn("pip install ended with exit status 1", done.stdout)
        self.assertIn("No matching distribution found for no-such-package-anywhere", done.stdout)
        self.assertEqual(self.environments(), [])
        (run,) = self.report(*self.arguments("bad.txt")[:5])["runs"]
        self.assertIn("no-such-package-anywhere", run["advice"])

    def test_uvloop_is_put_beside_where_it_is_asked_for(self):
        if not self.python.has_uvloop:
            self.skipTest("uvloop cannot be had here")
        # Without an index there is none; with one it would be installed.
        done = self.check(*self.arguments(), "--loop", "asyncio,uvloop")
        self.assertIn("asyncio  warm       pass", done.stdout)
        self.assertRegex(done.stdout, r"uvloop +warm +not run +the requirements cannot be installed")
        self.assertIn("uvloop", done.stdout[done.stdout.index("cannot be installed") :])


class HandlerTests(InputTestCase):
    def test_variables_are_given_to_handlers(self):
        self.write("import os\n\nTABLE = os.environ['TABLE']\n" + ECHO)
        done = self.check("orders.py")
        self.assertEqual(done.returncode, 2)
        self.assertIn("The variable TABLE is not set for the handler: --env TABLE=VALUE sets it", done.stdout)
        self.assertEqual(self.check("orders.py", "--env", "TABLE=a=b", "--env", "X=").returncode, 0)

    def test_errors_while_loading_are_told_as_python_tells_them(self):
        frame = re.compile('File "([^"]+)"')
        self.write("from helper import nothing\n\n" + ECHO)
        self.write("import math\n", "helper.py")
        self.write("def handler(event, context)\n    pass\n", "syntax.py")
        self.write("import helper2\n\n" + ECHO, "outer.py")
        self.write("def inner():\n    raise ValueError('no') from KeyError('why')\n\n\ninner()\n", "helper2.py")
        for name, parts in (
            ("orders.py", ["orders.py", "ImportError: cannot import name 'nothing' from 'helper'"]),
            ("syntax.py:handler", ['syntax.py", line 1\n', "def handler(event, context)\n", " ^\n", "SyntaxError: "]),
            ("outer.py", ["outer.py", "helper2.py", "ValueError: no", "KeyError: 'why'", "direct cause"]),
        ):
            with self.subTest(name=name):
                done = self.check(name, "--schedule", "warm")
                self.assertEqual((done.returncode, done.stderr), (2, ""))
                for part in parts:
                    self.assertIn(part, done.stdout)
                files = frame.findall(done.stdout)
                self.assertTrue(files)
                for file in files:
                    self.assertTrue(file.startswith(str(self.scratch)), file)

    def test_syntax_that_is_too_new_is_said_to_be(self):
        pythons = {each.key: each for each in harness.pythons()}
        old = next((each for key, each in sorted(pythons.items()) if key < (3, 10)), None)
        if old is None or max(pythons) < (3, 10):
            self.skipTest("a Python before and one from 3.10 are needed")
        self.write("def handler(event, context):\n    match event:\n        case _:\n            return 1\n")
        done = self.check("orders.py", "--python", old.path)
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stdout, r"syntax that Python {} does not know; 3\.\d+ reads it".format(old.version))
        self.write("def handler(event, context):\n    match event\n")
        self.assertNotIn("does not know", self.check("orders.py", "--python", old.path).stdout)

    def test_modules_that_are_elsewhere_are_told(self):
        self.write("", "shop/pyproject.toml")
        self.write("", "shop/common/__init__.py")
        self.write("import common\n\n" + ECHO, "shop/src/orders.py")
        done = self.check("shop/src/orders.py")
        self.assertEqual(done.returncode, 2)
        self.assertIn("“common” lies in shop, but only the handler's own folder, shop/src, is on the path", done.stdout)
        self.assertIn("whose handler is src.orders.handler", done.stdout)
        self.write("handler: orders.handler\n", "plugin/plugin.yaml")
        self.write(ECHO, "plugin/app.py")
        done = self.check("plugin")
        self.assertEqual(done.returncode, 2)
        self.assertIn("plugin has no orders.py; it has app.py.", done.stdout)
        self.write("handler: app.handel\n", "plugin/plugin.yaml")
        done = self.check("plugin")
        self.assertIn("app.py defines handler; did you mean handler?", done.stdout)

    def test_what_is_nearly_a_handler_is_told(self):
        self.write(ECHO)
        self.write("no code", "notes.txt")
        self.write(ECHO, "orders.v2.py")
        self.write("def handler(event):\n    return 1\n", "one.py")
        for target, status, part in (
            ("orders.handler", 66, "Did you mean orders.py:handler?"),
            ("orders", 66, "Did you mean orders.py?"),
            ("other.handler", 66, "Name a handler's .py file"),
            ("notes.txt", 66, "notes.txt is none of a handler's .py file"),
            ("orders.v2.py", 2, "Python cannot import orders.v2.py"),
            ("one.py", 2, "A handler is called with an event and a context"),
        ):
            with self.subTest(target=target):
                done = self.check(target, "--schedule", "warm")
                self.assertEqual(done.returncode, status, done.stdout + done.stderr)
                self.assertIn(part, done.stdout + done.stderr)

    def test_handlers_that_only_running_them_shows(self):
        (self.scratch / "latin.py").write_bytes(b"# coding: latin-1\nNAME = '\xe9'\n" + ECHO.encode())
        self.write(ECHO)
        self.write("from orders import (\n    handler,\n)\n", "several.py")
        self.write("from orders import *\n", "star.py")
        self.write("if True:\n    def handler(event, context):\n        return event\n", "branch.py")
        for name in ("latin.py", "several.py", "star.py", "branch.py"):
            with self.subTest(name=name):
                done = self.check(name, "--schedule", "warm")
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_nothing_of_ours_is_ever_printed(self):
        for text in ("raise SystemExit(3)\n", "raise KeyboardInterrupt\n", "1/0\n", "import os\nos._exit(4)\n"):
            self.write(text + ECHO)
            done = self.check("orders.py", "--schedule", "warm")
            self.assertEqual(done.returncode, 2, text)
            self.assertNotRegex(done.stdout + done.stderr, "loopwarden_(worker|probe)|Fatal error|bootstrap.py")


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
