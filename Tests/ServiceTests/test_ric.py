"""`engine: ric`: AWS Lambda's own runtime client, as it is published, gives what our worker gives, under the probe."""

import base64
import contextlib
import functools
import json
import re
import time
import unittest

import harness

#: The oldest and the newest that the client is published for and that is tried everywhere.
VERSIONS = ("3.9", "3.13")
ENGINES = ("aws-lambda", "aws-lambda-ric")

HANDLER = """
import asyncio
import decimal
import json
import logging
import os
import signal
import sys

calls = 0
cases = {}


def case(function):
    cases[function.__name__] = function
    return function


class Odd(Exception):
    pass


@case
def echo(event, context):
    return event


@case
def none(event, context):
    return None


@case
def numbers(event, context):
    return [1, -2.5, 1e300, float("inf"), True, 2**70]


@case
def decimals(event, context):
    return {"price": decimal.Decimal("1.10"), "large": decimal.Decimal("123456789012345678901234567890")}


@case
def text(event, context):
    return "gr\\u00fc\\u00df \\u20ac \\U0001f600 \\" \\\\ \\n"


@case
def raw(event, context):
    return b"\\x00\\xff raw"


@case
def json_bytes(event, context):
    return b'{"already": [1, 2]}'


@case
def tuples(event, context):
    return (1, (2, 3))


@case
def keys(event, context):
    return {1: "a", None: "b", True: "c"}


@case
def unmarshalable(event, context):
    return {"a": {1, 2}}


@case
def circle(event, context):
    ring = []
    ring.append(ring)
    return ring


@case
def too_large(event, context):
    return "x" * 6291556


@case
def raises(event, context):
    def deeper(n):
        raise ValueError("deep: {}".format(n))

    return deeper(3)


@case
def raises_own(event, context):
    raise Odd()


@case
def raises_from(event, context):
    try:
        {}["missing"]
    except KeyError as error:
        raise RuntimeError("gr\\u00fc\\u00df") from error


@case
def exits(event, context):
    sys.exit(3)


@case
def exits_with_text(event, context):
    sys.exit("over")


@case
def exits_with_nothing(event, context):
    sys.exit()


@case
def ends_at_once(event, context):
    os._exit(5)


@case
def is_killed(event, context):
    os.kill(os.getpid(), signal.SIGKILL)


@case
def interrupts(event, context):
    raise KeyboardInterrupt


@case
def cancels(event, context):
    raise asyncio.CancelledError


@case
def never_returns(event, context):
    import time

    time.sleep(60)


@case
def fields(event, context):
    left = context.get_remaining_time_in_millis()
    return {
        "name": context.function_name,
        "version": context.function_version,
        "arn": context.invoked_function_arn,
        "memory": context.memory_limit_in_mb,
        "group": context.log_group_name,
        "stream": context.log_stream_name,
        "id": context.aws_request_id,
        "client": context.client_context,
        "identity": [context.identity.cognito_identity_id, context.identity.cognito_identity_pool_id],
        "tenant": context.tenant_id,
        "left": 0 < left <= 3000,
        "variables": {
            name: os.environ.get(name)
            for name in ("_HANDLER", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_NAME", "LAMBDA_TASK_ROOT", "TZ")
        },
        "trace": os.environ.get("_X_AMZN_TRACE_ID"),
        "folder": os.getcwd(),
        "path": sys.path[0],
        "loopwarden": sorted(name for name in os.environ if name.startswith("LOOPWARDEN_")),
    }


@case
def client(event, context):
    given = context.client_context
    return [given.custom, given.env, given.client.installation_id, given.client.app_title]


@case
def runs_a_loop(event, context):
    async def main():
        await asyncio.sleep(0)
        return "run"

    return asyncio.run(main())


@case
def counts(event, context):
    return calls


def handler(event, context):
    global calls
    calls += 1
    return cases[event.get("case", "echo")](event, context)

"""

#: What ends the process, and so the environment.
ENDS = ("exits", "exits_with_text", "exits_with_nothing", "ends_at_once", "is_killed", "interrupts", "cancels")
#: What goes on in the same process.
STAYS = (
    *("echo", "none", "numbers", "decimals", "text", "raw", "json_bytes", "tuples", "keys", "unmarshalable", "circle"),
    *("raises", "raises_own", "raises_from", "fields", "runs_a_loop"),
)

#: Modules that cannot be loaded.
BROKEN = {
    "missing-import": "import no_such_module\n\n\ndef handler(event, context):\n    pass\n",
    "syntax": "def handler(event, context)\n    pass\n",
    "no-handler": "def other(event, context):\n    pass\n",
    "raises": "def make():\n    raise KeyError('HOST')\n\n\nmake()\n",
    "exits": "import sys\n\nsys.exit(0)\n",
    "exits-badly": "import sys\n\nsys.exit(7)\n",
    "dies": "import os\n\nos._exit(9)\n",
}

#: Pairs of Config/plugins of which the broken one shows something on a host that has no loop.
PAIRS = (
    "module-loop",
    "leaky-loop",
    "never-awaited",
    "leaked-thread",
    "import-run",
    "unclosed-resource",
    "poisoned-slot",
)


def pythons_with_client():
    found = [python for python in harness.pythons() if python.version in VERSIONS and python.has("awslambdaric")]
    for version in VERSIONS:
        if version not in [python.version for python in found]:
            harness.say_skipped("awslambdaric on CPython {}".format(version), "not installed")
    return found


def plain(value, reply):
    """A result without what differs between two runs of the same."""
    text = json.dumps(value)
    for own in (reply["invocation"]["id"], reply["invocation"]["environment"]):
        text = text.replace(own or "-", "ID")
    text = re.sub(r"/[^\"]*/(aws-lambda(-ric)?)/", "/HOST/", text)
    return json.loads(text.replace("aws-lambda-ric", "HOST").replace("aws-lambda", "HOST"))


def on_each_python(test):
    """A test that is made with each CPython that has the client."""

    @functools.wraps(test)
    def run(self):
        pythons = pythons_with_client()
        if not pythons:
            self.skipTest("no CPython has awslambdaric")
        for python in pythons:
            with self.subTest(python=python.version):
                test(self, python)

    return run


class RicTestCase(harness.ServiceTestCase):
    def plugin(self, host, python, name=None, handler=HANDLER, **keys):
        keys = {"host": "aws-lambda", "python": python.path, "concurrency": 1, "keepAlive": 60, **keys}
        if host == "aws-lambda-ric":
            keys["engine"] = "ric"
        return harness.write_plugin(self.scratch / (name or "suite") / host, name or host, handler, **keys)

    @contextlib.contextmanager
    def both(self, python, **keys):
        """A daemon with the same plugin on both engines; yields what invokes both and returns the two replies."""
        plugins = [self.plugin(host, python, **{**keys, "name": host}) for host in ENGINES]
        with harness.Daemon(plugins=plugins) as daemon, daemon.connect() as line:
            self.daemon, self.line = daemon, line
            yield lambda event: [line.invoke(host, event) for host in ENGINES]

    def assertSame(self, replies):
        own, ric = ((each["invocation"]["outcome"], plain(each["result"], each)) for each in replies)
        self.assertEqual(own, ric)
        for key in ("start", "cause", "ordinal", "errorType"):
            self.assertEqual(replies[0]["invocation"][key], replies[1]["invocation"][key], key)


class OutcomeTests(RicTestCase):
    """The same outcomes and payloads as our own worker's."""

    @on_each_python
    def test_results_and_errors(self, python):
        with self.both(python) as invoke:
            for name in STAYS:
                with self.subTest(name):
                    self.assertSame(invoke({"case": name, "host": "HOST"}))
            # All of it in one process.
            self.assertEqual([each["result"] for each in invoke({"case": "counts"})], [len(STAYS) + 1] * 2)

    @on_each_python
    def test_what_ends_the_process(self, python):
        with self.both(python) as invoke:
            invoke({})
            for name in ENDS:
                with self.subTest(name):
                    self.assertSame(invoke({"case": name}))
                    after = invoke({"case": "counts"})
                    self.assertEqual([each["invocation"]["cause"] for each in after], ["exit"] * 2)
                    self.assertEqual([each["result"] for each in after], [1, 1])

    @on_each_python
    def test_a_timeout_and_a_result_that_is_too_large(self, python):
        with self.both(python, timeout=1) as invoke:
            invoke({})
            self.assertSame(invoke({"case": "never_returns"}))
            self.assertSame(invoke({"case": "counts"}))
            own, ric = invoke({"case": "too_large"})
            self.assertEqual(own["result"], ric["result"])
            self.assertEqual(ric["invocation"]["errorType"], "Function.ResponseSizeTooLarge")
            # The client ends when its answer is refused; our worker goes on.
            self.assertEqual(self.line.invoke("aws-lambda-ric")["invocation"]["cause"], "exit")

    @on_each_python
    def test_the_client_context_comes_in(self, python):
        given = {"custom": {"a": "b"}, "env": {"c": "d"}, "client": {"installation_id": "i", "app_title": "t"}}
        headers = {"X-Amz-Client-Context": base64.b64encode(json.dumps(given).encode()).decode()}
        with self.both(python):
            for host in ENGINES:
                path = "/2015-03-31/functions/{}/invocations".format(host)
                answer = self.line.ask("POST", path, '{"case": "client"}', headers)
                self.assertEqual(answer, (200, [{"a": "b"}, {"c": "d"}, "i", "t"]))

    @on_each_python
    def test_handlers_that_are_not_awaited(self, python):
        with self.both(python, handler="async def handler(event, context):\n    return 1\n") as invoke:
            replies = invoke({})
            self.assertSame(replies)
            self.assertEqual(replies[1]["invocation"]["errorType"], "Runtime.MarshalError")
            self.assertIn("coroutine", replies[1]["result"]["errorMessage"])
            self.assertEqual([each["findings"] for each in replies], [[], []])

    @on_each_python
    def test_what_it_logs(self, python):
        code = (
            "import logging\n\n\ndef handler(event, context):\n    print('printed')\n"
            "    logging.warning('warned')\n    logging.getLogger().info('not told')\n"
            "    context.log('by the context\\n')\n    raise ValueError('gr\u00fc\u00df')\n"
        )
        with self.both(python, handler=code) as invoke:
            logs = []
            for host, reply in zip(ENGINES, invoke({})):
                answer = self.log(host)
                text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME", answer)
                logs.append(re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "ID", text).replace(host, "HOST"))
                self.assertEqual(reply["invocation"]["outcome"], "error")
        wanted = [line for line in logs[1].splitlines() if "RequestId" not in line]
        self.assertEqual([line for line in logs[0].splitlines() if "RequestId" not in line], wanted)
        self.assertIn("[WARNING]\tTIME\tID\twarned", wanted)
        self.assertIn("printed", wanted)

    def log(self, host):
        """The log of one more invocation."""
        path = "/2015-03-31/functions/{}/invocations".format(host)
        self.line.request("POST", path, "{}", {"X-Amz-Log-Type": "Tail"})
        answer = self.line.getresponse()
        answer.read()
        return base64.b64decode(answer.headers["X-Amz-Log-Result"]).decode()

    @on_each_python
    def test_what_cannot_be_loaded(self, python):
        names = [(name, host) for name in BROKEN for host in ENGINES]
        plugins = [
            self.plugin(host, python, name="{}-{}".format(name, host), handler=BROKEN[name]) for name, host in names
        ]
        with harness.Daemon(plugins=plugins) as daemon, daemon.connect() as line:
            for name in BROKEN:
                with self.subTest(name):
                    replies = [line.invoke("{}-{}".format(name, host)) for host in ENGINES]
                    self.assertSame(replies)
                    self.assertNotEqual(replies[0]["invocation"]["outcome"], "ok")


class ClientTests(RicTestCase):
    """What has to do with the client itself."""

    def test_without_the_client_it_says_how_to_get_it(self):
        lacking = [python for python in harness.pythons() if not python.has("awslambdaric")]
        if not lacking:
            self.skipTest("every CPython has awslambdaric")
        plugin = self.plugin("aws-lambda-ric", lacking[0])
        with harness.Daemon(plugins=[plugin]) as daemon, daemon.connect() as line:
            reply = line.invoke("aws-lambda-ric")
            row = self.doctor(daemon)
        self.assertEqual(row["state"], "bad")
        self.assertIn("-m pip install awslambdaric", row["advice"])
        self.assertEqual(reply["invocation"]["errorType"], "Runtime.MissingRic")
        self.assertIn("-m pip install awslambdaric", reply["result"]["errorMessage"])

    @on_each_python
    def test_doctor_knows_the_client(self, python):
        with harness.Daemon(plugins=[self.plugin("aws-lambda-ric", python)]) as daemon:
            row = self.doctor(daemon)
        self.assertEqual(row["state"], "ok")
        self.assertRegex(row["detail"], r", awslambdaric 4\.")

    def doctor(self, daemon):
        rows = json.loads(daemon.run("doctor", "--json").stdout)["checks"]
        return [each for each in rows if each["check"] == "function aws-lambda-ric"][0]

    @on_each_python
    def test_it_is_the_published_client_that_runs(self, python):
        code = (
            "import sys\n\n\ndef handler(event, context):\n"
            "    client = sys.modules.get('awslambdaric')\n"
            "    return [client and client.__version__, type(context).__module__, sys.argv[0].split('/')[-2]]\n"
        )
        with self.both(python, handler=code) as invoke:
            own, ric = invoke({})
        self.assertIsNone(own["result"][0])
        self.assertRegex(ric["result"][0], r"^\d+\.\d+")
        self.assertEqual(ric["result"][1:], ["awslambdaric.lambda_context", "awslambdaric"])


class ProbeTests(RicTestCase):
    """Loop events, phases and findings as with our own worker."""

    #: A loop when the module is imported, one that is left open by each invocation.
    # When garbage is collected is not the same in both.
    LOOPS = (
        "import asyncio\nimport gc\n\ngc.disable()\nkept = asyncio.new_event_loop()\n\n\n"
        "def handler(event, context):\n    asyncio.new_event_loop()\n    return asyncio.run(main())\n\n\n"
        "async def main():\n    await asyncio.sleep(0)\n    return 1\n"
    )

    @on_each_python
    def test_the_timelines_are_the_same(self, python):
        with self.both(python, handler=self.LOOPS) as invoke:
            for ordinal in range(3):
                own, ric = (self.events(each) for each in invoke({}))
                self.assertEqual(own, ric)
                made = [each for each in ric if each["event"] == "loop-created" and each["ordinal"] == ordinal]
                self.assertEqual(len(made), 2)
                self.assertTrue(all(each["site"]["file"] == "handler.py" for each in made))

    def events(self, reply):
        shown = self.daemon.json("show", reply["invocation"]["id"])
        keys = ("event", "phase", "ordinal", "loop", "site", "function", "thread", "detail", "flags")
        return [{key: each[key] for key in keys} for each in shown["timeline"]]

    @on_each_python
    def test_what_happens_between_invocations_is_seen(self, python):
        code = (
            "import asyncio\nimport threading\nimport time\n\n\ndef later():\n    time.sleep(0.1)\n"
            "    asyncio.new_event_loop()\n\n\ndef handler(event, context):\n"
            "    if event.get('first'):\n        threading.Thread(target=later, daemon=True).start()\n"
        )
        with self.both(python, handler=code) as invoke:
            invoke({"first": True})
            time.sleep(0.5)
            for reply in invoke({}):
                made = [each for each in self.events(reply) if each["event"] == "loop-created"]
                self.assertEqual([each["phase"] for each in made], ["between"])

    @on_each_python
    def test_what_a_dying_process_saw_is_read(self, python):
        code = (
            "import asyncio\nimport os\n\n\n"
            "def handler(event, context):\n    asyncio.new_event_loop()\n    os._exit(1)\n"
        )
        with self.both(python, handler=code) as invoke:
            for reply in invoke({}):
                self.assertEqual(reply["invocation"]["outcome"], "crashed")
                self.assertIn("loop-created", [each["event"] for each in self.events(reply)])

    @on_each_python
    def test_the_findings_are_the_same(self, python):
        plugins = [harness.PLUGINS / "{}-{}".format(name, state) for name in PAIRS for state in ("broken", "fixed")]
        found = {}
        for host in ENGINES:
            arguments = ("--host", host, "--python", python.path, "--schedule", "warm", "--json")
            done = harness.cli("check", *plugins, *arguments, patience=120)
            report = json.loads(done.stdout)
            self.assertEqual([each for each in report["runs"] if each.get("obstacle")], [])
            found[host] = sorted(
                (run["function"], finding["rule"], finding["site"]["file"], finding["site"]["line"])
                for run in report["runs"]
                for finding in run["findings"]
            )
        self.assertEqual(found["aws-lambda"], found["aws-lambda-ric"])
        names = {function for function, *_ in found["aws-lambda-ric"]}
        self.assertEqual(names, {"{}-broken".format(name) for name in PAIRS})

    @on_each_python
    def test_what_a_freeze_meets_is_told(self, python):
        code = (harness.PLUGINS / "stalled-task-broken/handler.py").read_text()
        with self.both(python, handler=code, freeze="true") as invoke:
            invoke({})
            frozen = "SELECT count(*) FROM freezeSpan"
            harness.wait_until(lambda: self.daemon.rows(frozen) == [(len(ENGINES),)], "both are frozen")
            time.sleep(0.2)  # which its task does not see
            own, ric = invoke({})
            self.assertEqual([each["rule"] for each in own["findings"]], ["stalled-task"])
            self.assertEqual([each["rule"] for each in ric["findings"]], ["stalled-task"])
            own, ric = ([each["event"] for each in self.events(reply)] for reply in (own, ric))
            self.assertEqual(own, ric)
            self.assertIn("task-frozen", ric)
            self.assertNotIn("socket-frozen", ric)

    @on_each_python
    def test_a_blocked_loop_is_seen_from_outside(self, python):
        code = (
            "import asyncio\nimport time\n\n\ndef handler(event, context):\n    asyncio.run(main())\n\n\n"
            "async def main():\n    time.sleep(0.8)\n"
        )
        with self.both(python, handler=code) as invoke:
            for reply in invoke({}):
                self.assertEqual([each["rule"] for each in reply["findings"]], ["blocking-call"])
                self.assertEqual(reply["findings"][0]["site"]["line"], 10)


if __name__ == "__main__":
    unittest.main()
