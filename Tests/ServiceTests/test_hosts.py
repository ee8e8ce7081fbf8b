"""What a handler meets on each host: which loop is current, whether it runs, in which thread, and what is kept."""

import json
import unittest

import harness

HANDLER = """
import asyncio
import threading
import warnings

loops = []


def surroundings():
    warnings.simplefilter("ignore")
    found = {"thread": threading.current_thread() is threading.main_thread()}
    try:
        loop = asyncio.get_running_loop()
        found["running"] = True
    except RuntimeError:
        found["running"] = False
        try:
            loop = asyncio.get_event_loop_policy().get_event_loop()
        except RuntimeError as error:
            found["error"] = str(error)
            return found
    if not any(known is loop for known in loops):
        loops.append(loop)
    found["loops"] = len(loops)
    found["closed"] = [known.is_closed() for known in loops[:-1]]
    return found


def plain(event, context):
    return surroundings()


async def coroutine(event, context):
    await asyncio.sleep(0)
    return surroundings()


def nested(event, context):
    async def work():
        return 7

    work = work()
    try:
        return asyncio.run(work)
    finally:
        work.close()


def raises(event, context):
    raise KeyError("mine")


def exits(event, context):
    raise SystemExit(3)
"""
MAIN, ELSEWHERE = {"thread": True}, {"thread": False}
NO_LOOP_IN = "There is no current event loop in thread '{}'."


def without_loop(threads):
    """What is met in threads of these names, where no loop is."""
    return [dict(ELSEWHERE, running=False, error=NO_LOOP_IN.format(name)) for name in threads]


#: host → function → what it meets in its first, its second and its third invocation.
EXPECTED = {
    "per-invocation": {
        "plain": [dict(MAIN, running=False, loops=n, closed=[True] * (n - 1)) for n in (1, 2, 3)],
        "coroutine": [dict(MAIN, running=True, loops=n, closed=[True] * (n - 1)) for n in (1, 2, 3)],
    },
    "bare": {"coroutine": [dict(MAIN, running=True, loops=n, closed=[True] * (n - 1)) for n in (1, 2, 3)]},
    "kept": {
        "plain": [dict(MAIN, running=False, loops=1, closed=[])] * 3,
        "coroutine": [dict(MAIN, running=True, loops=1, closed=[])] * 3,
    },
    "running": {
        "plain": [dict(MAIN, running=True, loops=1, closed=[])] * 3,
        "coroutine": [dict(MAIN, running=True, loops=1, closed=[])] * 3,
    },
    "server": {
        "plain": without_loop(["asyncio_0"] * 3),
        "coroutine": [dict(MAIN, running=True, loops=1, closed=[])] * 3,
    },
    "thread": {
        "plain": without_loop(["handler"] * 3),
        "coroutine": [dict(ELSEWHERE, running=True, loops=n, closed=[True] * (n - 1)) for n in (1, 2, 3)],
    },
}
EXPECTED["mangum"] = EXPECTED["kept"]
#: What hosts with names of their own are to a handler, and what their threads are called, if they are.
NAMED = {
    "aws-lambda": ("bare", None),
    "openwhisk": ("bare", None),
    "mangum-0.19": ("mangum", None),
    "mangum-0.20": ("per-invocation", None),
    "mangum-0.22": ("mangum", None),
    "vercel": ("kept", None),
    "uvicorn": ("running", None),
    "hypercorn": ("running", None),
    "daphne": ("running", None),
    "tornado": ("running", None),
    "nuclio": ("running", None),
    "azure-async": ("running", None),
    "jupyter": ("running", None),
    "fastapi": ("server", ["AnyIO worker thread"] * 3),
    "starlette": ("server", ["AnyIO worker thread"] * 3),
    "functions-framework": ("server", ["asyncio_0"] * 3),
    "azure-sync": ("server", ["ThreadPoolExecutor-0_0"] * 3),
    "django-asgi": ("server", ["ThreadPoolExecutor-{}_0".format(number) for number in (1, 2, 3)]),
    "functions-framework-wsgi": ("thread", ["ThreadPoolExecutor-0_0"] * 3),
    "django": ("thread", ["Thread-{} (process_request_thread)".format(number) for number in (1, 2, 3)]),
    "flask": ("thread", ["Thread-{} (process_request_thread)".format(number) for number in (1, 2, 3)]),
}
for name, (engine, threads) in NAMED.items():
    EXPECTED[name] = dict(EXPECTED[engine], **({"plain": without_loop(threads)} if threads else {}))
for name in ("aws-lambda", "openwhisk"):
    del EXPECTED[name]["coroutine"]  # which they do not run: see below
HOSTS = ("per-invocation", "bare", "kept", "mangum", "running", "server", "thread")


class HostTests(harness.ServiceTestCase):
    def plugin(self, python, loop, host, function, start="spawn"):
        name = "{}-{}-{}-{}".format(host, function, loop, python.version).replace(".", "_")
        text = HANDLER + "\n\nhandler = {}\n".format(function)
        keys = {"host": host, "loop": loop, "python": python.path, "start": start}
        harness.write_plugin(self.scratch / "plugins", name, text, **keys)
        return name

    def matrix(self):
        for python in harness.pythons():
            for loop in ("asyncio", "uvloop") if python.has_uvloop else ("asyncio",):
                yield python, loop

    def hosts(self, python, loop):
        """Those with a name of their own on the newest interpreter only."""
        return EXPECTED if self.is_newest(python, loop) else {host: EXPECTED[host] for host in HOSTS}

    def is_newest(self, python, loop):
        return python.version == harness.pythons()[-1].version and loop == "asyncio"

    def test_each_host_gives_the_loop_that_it_says(self):
        cases = [
            (self.plugin(python, loop, host, function, "spawn" if self.is_newest(python, loop) else "fork"), expected)
            for python, loop in self.matrix()
            for host, functions in self.hosts(python, loop).items()
            for function, expected in functions.items()
        ]
        with harness.Daemon(plugins=[self.scratch / "plugins"]) as daemon, daemon.connect() as connection:
            for name, expected in cases:
                with self.subTest(name):
                    replies = [connection.invoke(name) for _ in expected]
                    # Of a pool that is called after the kind of loop.
                    text = json.dumps([reply["result"] for reply in replies]).replace("uvloop_0", "asyncio_0")
                    self.assertEqual(json.loads(text), expected)
                    found = [finding for reply in replies for finding in reply["findings"]]
                    self.assertEqual([each for each in found if each["severity"] != "info"], [])

    def test_a_coroutine_that_nobody_runs_is_no_result(self):
        python = harness.pythons()[-1]
        names = [self.plugin(python, "asyncio", host, "coroutine") for host in ("aws-lambda", "openwhisk")]
        with harness.Daemon(plugins=[self.scratch / "plugins"]) as daemon, daemon.connect() as connection:
            for name in names:
                invocation = connection.invoke(name)["invocation"]
                self.assertEqual(invocation["errorType"], "Runtime.MarshalError")
                self.assertEqual(
                    invocation["errorMessage"],
                    "Unable to marshal response: Object of type coroutine is not JSON serializable",
                )

    def test_only_where_a_loop_runs_is_asyncio_run_refused(self):
        names = {host: self.plugin(harness.pythons()[-1], "asyncio", host, "nested") for host in HOSTS}
        with harness.Daemon(plugins=[self.scratch / "plugins"]) as daemon, daemon.connect() as connection:
            for host, name in names.items():
                with self.subTest(host):
                    reply = connection.invoke(name)
                    if host == "running":
                        self.assertEqual(
                            reply["invocation"]["errorMessage"],
                            "asyncio.run() cannot be called from a running event loop",
                        )
                    else:
                        self.assertEqual(reply["result"], 7)

    def test_errors_and_exits_come_out_of_every_host(self):
        python = harness.pythons()[-1]
        names = {(host, do): self.plugin(python, "asyncio", host, do) for host in HOSTS for do in ("raises", "exits")}
        with harness.Daemon(plugins=[self.scratch / "plugins"]) as daemon, daemon.connect() as connection:
            for (host, do), name in names.items():
                with self.subTest(host=host, do=do):
                    for _ in range(2):
                        invocation = connection.invoke(name)["invocation"]
                        self.assertEqual(invocation["outcome"], "error" if do == "raises" else "crashed")
                    if do == "raises":
                        self.assertEqual(invocation["errorType"], "KeyError")
                        self.assertEqual(invocation["start"], "warm")


if __name__ == "__main__":
    unittest.main()
