"""How many environments there are: provisioned ones, limits of all kinds, and those that a policy starts ahead."""

import concurrent.futures
import contextlib
import http.client
import json
import os
import signal
import socket
import time
import unittest

import harness

#: Says where it runs; waits for a file if it is told to.
TELLS = """
import os
import time


def handler(event, context):
    if "gate" in event:
        open(event["gate"] + "." + str(os.getpid()), "w").close()
        while not os.path.exists(event["gate"]):
            time.sleep(0.005)
    return {"process": os.getpid(), "type": os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"], "code": "CODE"}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class ConcurrencyTestCase(harness.ServiceTestCase):
    def plugin(self, name="telling", handler=TELLS, **keys):
        return harness.write_plugin(self.scratch / "plugins", name, handler, **keys)

    def serve(self, settings=""):
        daemon = harness.Daemon(plugins=[self.scratch / "plugins"], settings=settings).start()
        self.addCleanup(daemon.__exit__)
        return daemon

    def provisioned(self, daemon, name="telling"):
        """What the daemon says of a function's provisioned environments."""
        (function,) = daemon.json("functions", "show", name)["functions"]
        return function["provisioned"]

    def wait_for(self, daemon, state, name="telling"):
        def has_come():
            told = self.provisioned(daemon, name)
            return told if told and told["state"] == state else None

        return harness.wait_until(has_come, "{} is {}".format(name, state))

    def environments(self, daemon):
        return daemon.json("status").get("environments", [])

    def gated(self, daemon, pool, gate, name="telling"):
        """Begins an invocation that waits for a file; returns when it runs."""
        known = len(list(self.scratch.glob(gate.name + ".*")))

        def invoke():
            with daemon.connect() as line:
                return line.invoke(name, {"gate": str(gate)})

        future = pool.submit(invoke)
        harness.wait_until(
            lambda: future.done() or len(list(self.scratch.glob(gate.name + ".*"))) > known, "the invocation runs"
        )
        return future

    def throttled(self, port, name):
        """What the Lambda API says to an invocation that it does not take; None: it took it."""
        with self.http(port) as line:
            line.request("POST", "/2015-03-31/functions/{}/invocations".format(name), "{}")
            answer = line.getresponse()
            body = answer.read()
        if answer.status == 200:
            return None
        self.assertEqual((answer.status, answer.getheader("x-amzn-errortype")), (429, "TooManyRequestsException"))
        told = json.loads(body)
        self.assertEqual((told["Type"], told["message"]), ("User", "Rate Exceeded."))
        return told["Reason"]

    def http(self, port):
        return contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=harness.PATIENCE))


class ProvisionedTests(ConcurrencyTestCase):
    def test_environments_are_ready_before_anybody_asks_and_stay_and_others_come_and_go(self):
        self.plugin(provisionedConcurrency=2, keepAlive=0.2)
        daemon = self.serve()
        told = self.wait_for(daemon, "READY")
        self.assertEqual((told["wanted"], told["available"]), (2, 2))
        before = {each["processID"] for each in self.environments(daemon)}
        self.assertEqual(len(before), 2)
        gate = self.scratch / "gate"
        with concurrent.futures.ThreadPoolExecutor() as pool:
            running = [self.gated(daemon, pool, gate) for _ in range(3)]
            gate.touch()
            replies = [each.result() for each in running]
        kinds = [(each["invocation"]["cause"], each["result"]["type"]) for each in replies]
        ready, other = ("provisioned", "provisioned-concurrency"), ("scale-out", "on-demand")
        self.assertEqual(kinds, [ready, ready, other])
        self.assertTrue(all(each["invocation"]["start"] == "cold" for each in replies))
        # Nobody has waited for the provisioned ones.
        self.assertEqual([each["invocation"]["initMs"] is None for each in replies], [True, True, False])
        self.assertEqual({each["result"]["process"] for each in replies[:2]}, before)
        harness.wait_until(lambda: len(self.environments(daemon)) == 2, "the third is reaped")
        self.assertEqual({each["processID"] for each in self.environments(daemon)}, before)
        with daemon.connect() as line:
            self.assertEqual(line.invoke("telling")["invocation"]["start"], "warm")

    def test_one_that_ends_is_replaced_and_so_are_all_when_the_code_changes(self):
        folder = self.plugin(provisionedConcurrency=1)
        daemon = self.serve()
        self.wait_for(daemon, "READY")
        (first,) = self.environments(daemon)
        os.kill(first["processID"], signal.SIGKILL)

        def replaced(old):
            def look():
                now = [each for each in self.environments(daemon) if each["id"] != old["id"]]
                return now[0] if now and self.provisioned(daemon)["state"] == "READY" else None

            return harness.wait_until(look, "it is replaced")

        second = replaced(first)
        (folder / "handler.py").write_text(TELLS.replace("CODE", "changed"))
        replaced(second)
        with daemon.connect() as line:
            reply = line.invoke("telling")
        self.assertEqual((reply["result"]["code"], reply["invocation"]["cause"]), ("changed", "provisioned"))

    def test_a_handler_that_cannot_be_loaded_is_told_of_and_tried_again_when_it_was_mended(self):
        folder = self.plugin(handler="raise ValueError('no good')\n", provisionedConcurrency=2)
        daemon = self.serve()
        told = self.wait_for(daemon, "FAILED")
        self.assertIn("no good", told["reason"])
        status = daemon.json("status")
        self.assertEqual(status["provisioned"][0]["state"], "FAILED")
        (trouble,) = [each["trouble"] for each in status["troubles"]]
        self.assertIn("FUNCTION_ERROR_INIT_FAILURE", trouble)
        tried = daemon.rows("SELECT count(*) FROM environment")
        time.sleep(1.5)
        self.assertEqual(self.provisioned(daemon)["state"], "FAILED")
        self.assertEqual(daemon.rows("SELECT count(*) FROM environment"), tried, "it is tried over and over")
        (folder / "handler.py").write_text(TELLS)
        self.wait_for(daemon, "READY")
        with daemon.connect() as line:
            self.assertEqual(line.invoke("telling")["invocation"]["cause"], "provisioned")

    def test_loading_may_take_longer_than_on_demand(self):
        slow = "import time\ntime.sleep(1)\n" + TELLS
        self.plugin("ready", slow, provisionedConcurrency=1, initTimeout=0.3)
        self.plugin("unready", slow, initTimeout=0.3)
        daemon = self.serve()
        self.wait_for(daemon, "READY", "ready")
        with daemon.connect() as line:
            self.assertEqual(line.invoke("ready")["invocation"]["outcome"], "ok")
            self.assertEqual(line.invoke("unready")["invocation"]["outcome"], "timeout")

    def test_how_many_are_ready_can_be_said_while_the_daemon_runs(self):
        self.plugin(concurrency=3, keepAlive=0.1)
        daemon = self.serve()
        self.assertIsNone(self.provisioned(daemon))
        told = daemon.json("functions", "provision", "telling", "2")
        self.assertEqual(told["functions"][0]["provisioned"]["wanted"], 2)
        self.wait_for(daemon, "READY")
        self.assertIn("2 of 2, READY", daemon.run("functions").stdout)
        for count, status, word in (("4", 65, "its concurrency is 3"), ("many", 64, "many"), ("-1", 64, "count")):
            done = daemon.run("functions", "provision", "telling", count)
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertIn(word, done.stderr)
        self.assertEqual(daemon.run("functions", "provision", "nobody", "1").returncode, 66)
        daemon.json("functions", "provision", "telling", "manifest")
        self.assertIsNone(self.provisioned(daemon))
        harness.wait_until(lambda: not self.environments(daemon), "they are reaped")

    def test_a_mistake_in_the_manifest_is_told(self):
        mistakes = {
            "provisionedConcurrency: 11": "provisionedConcurrency: expected a whole number from 0 to 10, its",
            "reservedConcurrency: 0\nprovisionedConcurrency: 1": "from 0 to 0, its reservedConcurrency",
            "keepAlive: {policy: histogramm}": 'keepAlive.policy: expected one of fixed, histogram, found "histogramm"',
            "keepAlive: {policy: histogram, head: 60}": "keepAlive.head: expected percent from 0.0 to 50.0",
            "keepAlive: {policy: histogram, bin: 60, range: 60}": "range must be at least twice as long as bin",
            "keepAlive: {policy: fixed, head: 5}": "keepAlive.head: unknown key",
            "scaling: {environments: 0}": "scaling.environments: expected a whole number from 1",
        }
        for text, said in mistakes.items():
            folder = self.plugin("wrong")
            with open(folder / "plugin.yaml", "a") as manifest:
                manifest.write(text + "\n")
            daemon = harness.Daemon(plugins=[self.scratch / "plugins"])
            self.addCleanup(daemon.__exit__)
            daemon.write_settings()
            done = harness.cli("daemon", "--config", daemon.config, "--check-config")
            self.assertIn(said, done.stdout + done.stderr, text)

    def test_the_rules_see_the_first_invocation_as_ever(self):
        """What the probe saw while the handler was loaded belongs to the first invocation, however long before."""
        daemon = harness.Daemon(plugins=[harness.PLUGINS]).start()
        self.addCleanup(daemon.__exit__)
        found = {}
        for name in ("module-loop-broken", "module-loop-fixed"):
            for isReady in (False, True):
                if isReady:
                    daemon.json("functions", "provision", name, "1")
                    self.wait_for(daemon, "READY", name)
                with daemon.connect() as line:
                    first = line.invoke(name, cold=not isReady)
                    second = line.invoke(name)
                self.assertEqual(first["invocation"]["cause"], "provisioned" if isReady else "requested")
                found[name, isReady] = [
                    sorted(
                        (each["rule"], each["site"]["line"], each["invocation"]["ordinal"])
                        for each in reply["findings"]
                    )
                    for reply in (first, second)
                ]
            self.assertEqual(found[name, True], found[name, False])
        self.assertTrue(any(found["module-loop-broken", True]))
        self.assertFalse(any(found["module-loop-fixed", True]))
        # One that was never invoked has done no wrong.
        for count in ("0", "1", "0"):
            daemon.json("functions", "provision", "module-loop-fixed", count)
            if count == "1":
                self.wait_for(daemon, "READY", "module-loop-fixed")
        self.assertEqual(daemon.stop(), 0)
        findings = (
            "SELECT count(*) FROM finding JOIN function ON function.id = finding.function WHERE function.name = ?"
        )
        self.assertEqual(daemon.rows(findings, "module-loop-fixed"), [(0,)])
        self.assertGreater(daemon.rows(findings, "module-loop-broken")[0][0], 0)


class ThrottleTests(ConcurrencyTestCase):
    def test_each_limit_has_its_reason(self):
        port = free_port()
        self.plugin("reserved", reservedConcurrency=1)
        self.plugin("closed", reservedConcurrency=0)
        self.plugin("growing", scaling="{environments: 1, per: 600}", queue=0)
        self.plugin("other")
        daemon = self.serve("lambda: {{port: {}, concurrency: 3}}\n".format(port))
        self.assertEqual(self.throttled(port, "closed"), "ReservedFunctionConcurrentInvocationLimitExceeded")
        gate = self.scratch / "gate"
        with concurrent.futures.ThreadPoolExecutor() as pool:
            running = [self.gated(daemon, pool, gate, "reserved")]
            self.assertEqual(self.throttled(port, "reserved"), "ReservedFunctionConcurrentInvocationLimitExceeded")
            # 3 in all, of which 1 is reserved.
            self.assertIsNone(self.throttled(port, "other"))
            running.append(self.gated(daemon, pool, gate, "growing"))
            self.assertEqual(self.throttled(port, "growing"), "ConcurrentInvocationLimitExceeded")
            self.assertIsNone(self.throttled(port, "other"))
            running.append(self.gated(daemon, pool, gate, "other"))
            self.assertEqual(self.throttled(port, "other"), "ConcurrentInvocationLimitExceeded")
            done = daemon.run("invoke", "other")
            self.assertEqual(done.returncode, 75, done.stderr)
            self.assertIn("lambda.concurrency", done.stderr)
            gate.touch()
            for each in running:
                self.assertEqual(each.result()["invocation"]["outcome"], "ok")
        self.assertIsNone(self.throttled(port, "growing"))

    def test_ten_requests_a_second_for_each_reserved_environment(self):
        port = free_port()
        self.plugin("reserved", reservedConcurrency=1)
        self.plugin("free")
        self.serve("lambda: {{port: {}}}\n".format(port))
        self.assertIsNone(self.throttled(port, "reserved"))  # it is warm now
        self.assertIsNone(self.throttled(port, "free"))
        for name, refused in (("reserved", True), ("free", False)):
            # As many as come in a moment, until one is refused.
            reasons = {self.throttled(port, name) for _ in range(200)} - {None}
            self.assertEqual(reasons, {"ReservedFunctionInvocationRateLimitExceeded"} if refused else set())

    def test_who_can_wait_waits_for_an_environment_that_may_not_be_started_yet(self):
        self.plugin(scaling="{environments: 1, per: 1}")
        daemon = self.serve()
        gate = self.scratch / "gate"
        with concurrent.futures.ThreadPoolExecutor() as pool:
            running = [self.gated(daemon, pool, gate) for _ in range(2)]
            gate.touch()
            queued = [each.result()["invocation"]["queuedMs"] for each in running]
        self.assertLess(queued[0], 500)
        self.assertEqual(len(daemon.rows("SELECT id FROM environment")), 2)


class HistogramTests(ConcurrencyTestCase):
    #: Between two invocations, in seconds; in the middle of a bin.
    GAP = 2.5
    POLICY = "{policy: histogram, time: 60, bin: 1, range: 60, minimum: 3}"

    def test_an_environment_is_started_ahead_of_an_invocation_that_comes_at_its_time(self):
        self.plugin(keepAlive=self.POLICY)
        daemon = self.serve()

        def causes():
            return [each["cause"] for each in self.environments(daemon)]

        def expected():
            """The next invocation finds an environment that was started for it, and none was there before."""
            harness.wait_until(lambda: not self.environments(daemon), "it is ended, as long as nobody needs it")
            ended = time.monotonic()
            harness.wait_until(lambda: causes() == ["pre-warmed"], "one is started ahead")
            self.assertGreater(time.monotonic() - ended, 0.5)
            with daemon.connect() as line:
                reply = line.invoke("telling")
            self.assertEqual((reply["invocation"]["cause"], reply["invocation"]["start"]), ("pre-warmed", "cold"))
            self.assertEqual((reply["invocation"]["initMs"], reply["result"]["type"]), (None, "on-demand"))

        with daemon.connect() as line:
            first = line.invoke("telling")
            for _ in range(3):
                self.assertEqual(self.environments(daemon)[0]["id"], first["invocation"]["environment"])
                time.sleep(self.GAP)
                self.assertEqual(line.invoke("telling")["invocation"]["start"], "warm")
        expected()
        # What was learnt outlives the daemon.
        self.assertEqual(daemon.stop(), 0)
        daemon.start()
        with daemon.connect() as line:
            self.assertEqual(line.invoke("telling")["invocation"]["cause"], "first")
        expected()

    def test_the_fixed_policy_starts_nothing_ahead(self):
        self.plugin(keepAlive=0.1)
        daemon = self.serve()
        with daemon.connect() as line:
            for _ in range(4):
                self.assertEqual(line.invoke("telling")["invocation"]["start"], "cold")
                harness.wait_until(lambda: not self.environments(daemon), "it is reaped")
        time.sleep(1)
        self.assertEqual(self.environments(daemon), [])
        self.assertEqual(len(daemon.rows("SELECT id FROM environment")), 4)


if __name__ == "__main__":
    unittest.main()
