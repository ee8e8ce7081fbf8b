"""`freeze: true`: what a handler leaves running stalls between two invocations, and goes on in the next."""

import contextlib
import pathlib
import tempfile
import time
import unittest

import harness

COUNTS = """
import threading
import time

ticks = 0


def count():
    global ticks
    while True:
        time.sleep(0.005)
        ticks += 1


threading.Thread(target=count, daemon=True).start()


def handler(event, context):
    before = ticks
    deadline = time.monotonic() + 5
    while ticks == before and time.monotonic() < deadline:
        time.sleep(0.005)  # it goes on
    return {"before": before, "after": ticks}
"""
PAUSE_SECONDS = 0.5

#: A task that writes down when it runs, on a loop that is kept; `wait` runs the loop until it has come to its end.
WRITES = """
import asyncio
import time

loop = None
tasks = []


async def audit(path):
    for step in range(5):
        with open(path, "a") as file:
            file.write("{} {}\\n".format(step, time.monotonic()))
        await asyncio.sleep(0.02)  # waits here


async def begin(event):
    tasks.append(asyncio.ensure_future(audit(event["path"])))
    await asyncio.sleep(0)


async def wait():
    await asyncio.wait(tasks)


def handler(event, context):
    global loop
    if loop is None:
        loop = asyncio.new_event_loop()
    began = time.monotonic()
    if event.get("begin"):
        loop.run_until_complete(begin(event))
    elif event.get("wait"):
        loop.run_until_complete(wait())
    return [began, time.monotonic()]
"""
#: A request with a time limit that is left unfinished; the clock goes on while the process stands still.
TIMES_OUT = """
import asyncio

loop = None
tasks = []


async def ask():
    await asyncio.wait_for(loop.create_future(), 0.2)  # nobody answers


async def work():
    if not tasks:
        tasks.append(asyncio.ensure_future(ask()))
    await asyncio.sleep(0.02)
    return [task.done() for task in tasks]


def handler(event, context):
    global loop
    if loop is None:
        loop = asyncio.new_event_loop()
    return loop.run_until_complete(work())
"""
LOOP_IN_THREAD = """
import asyncio
import threading
import time

loop = None
steps = []


async def refresh():
    while True:
        await asyncio.sleep(0.005)


async def audit():
    for _ in range(60):
        steps.append(1)
        await asyncio.sleep(0.01)


def handler(event, context):
    global loop
    if loop is None:
        loop = asyncio.new_event_loop()
        threading.Thread(target=loop.run_forever, daemon=True, name="loop").start()
        asyncio.run_coroutine_threadsafe(refresh(), loop)
    before = len(steps)
    if event.get("begin"):
        asyncio.run_coroutine_threadsafe(audit(), loop)
    time.sleep(event.get("sleep", 0))
    return [before, len(steps)]
"""
QUIET = """
import asyncio


async def work():
    await asyncio.gather(asyncio.sleep(0.01), asyncio.sleep(0))
    return 1


def handler(event, context):
    return asyncio.run(work())
"""
BUSY = """
import logging
import logging.handlers
import queue
import threading
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(2)
listener = logging.handlers.QueueListener(queue.Queue())
listener.start()


def handler(event, context):
    return pool.submit(lambda: 1).result()
"""


class FreezeTests(harness.ServiceTestCase):
    @contextlib.contextmanager
    def serving(self, source, lines="freeze: true\n"):
        """A connection to a daemon that serves `source` as the function `frozen`, and the daemon."""
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.scratch))
        (folder / "handler.py").write_text(source)
        (folder / "plugin.yaml").write_text(
            "name: frozen\nhandler: handler.handler\nhost: bare\nkeepAlive: 60\n" + lines
        )
        with harness.Daemon(plugins=[folder]) as daemon:
            with contextlib.closing(harness.Connection(daemon.socket)) as line:
                yield line, daemon

    def show(self, daemon, reply):
        return daemon.json("show", reply["invocation"]["id"])

    def events(self, shown, *kinds):
        return [event for event in shown["timeline"] if event["event"] in kinds]

    def await_frozen(self, daemon, count):
        """Waits for the freeze after the answer, which nobody waits for; a span is known when it begins."""
        harness.wait_until(lambda: len(daemon.rows("SELECT 1 FROM freezeSpan")) >= count, "the environment is frozen")

    def ticks_in_a_pause(self, lines):
        """How often the handler's thread ran between two invocations that are half a second apart."""
        with self.serving(COUNTS, lines) as (line, _):
            first = line.invoke("frozen")["result"]
            time.sleep(PAUSE_SECONDS)
            second = line.invoke("frozen")
        self.assertEqual(second["invocation"]["start"], "warm")
        self.assertGreater(second["result"]["after"], second["result"]["before"])
        return second["result"]["before"] - first["after"]

    def test_a_frozen_environment_stands_still_and_goes_on(self):
        # One tick may be under way when it is stopped, and some pass before the handler is called again.
        self.assertLess(self.ticks_in_a_pause("freeze: true\n"), 20)

    def test_without_it_the_background_goes_on(self):
        self.assertGreater(self.ticks_in_a_pause(""), 40)

    def test_a_task_stalls_and_the_next_invocation_finishes_it(self):
        path = self.scratch / "steps"
        with self.serving(WRITES) as (line, daemon):
            first = line.invoke("frozen", {"begin": True, "path": str(path)})
            self.await_frozen(daemon, 1)
            written = path.read_text()
            time.sleep(PAUSE_SECONDS)
            self.assertEqual(path.read_text(), written)
            second = line.invoke("frozen", {"wait": True})
            shown = self.show(daemon, second)
            row = daemon.json("history")["invocations"][0]
        times = [float(each.split()[1]) for each in path.read_text().splitlines()]
        self.assertEqual(len(times), 5)
        # Nothing ran from the end of the first invocation to the begin of the second.
        ended, began = first["result"][1], second["result"][0]
        self.assertEqual([each for each in times if ended + 0.01 < each < began], [])
        self.assertGreaterEqual(sum(each > began for each in times), 4)
        # It is in the timeline ...
        alive, went_on, ended = self.events(shown, "task-frozen", "task-thawed")
        self.assertEqual({each["value"] for each in (alive, went_on, ended)}, {alive["value"]})
        frozen, thawed = self.events(shown, "frozen", "thawed")
        self.assertLess(alive["offsetNs"], frozen["offsetNs"])
        self.assertLess(thawed["offsetNs"], went_on["offsetNs"])
        self.assertGreater(thawed["value"], PAUSE_SECONDS * 0.9e9)
        self.assertEqual((frozen["value"], frozen["detail"] in ("SIGSTOP", "cgroup")), (1, True))
        self.assertEqual(
            [each["sequence"] for each in shown["timeline"]], sorted(each["sequence"] for each in shown["timeline"])
        )
        # ... among the spans ...
        span = shown["freezes"][0]
        self.assertEqual((span["afterInvocation"], span["durationNs"]), (0, thawed["value"]))
        self.assertEqual(row["frozenNs"], thawed["value"])
        self.assertEqual(shown["invocation"]["frozenNs"], thawed["value"])
        # ... and in a finding.
        self.assertEqual([each["rule"] for each in first["findings"]], [])
        finding = self.only(second["findings"])
        self.assertEqual((finding["rule"], finding["code"], finding["site"]["line"]), ("stalled-task", "LW410", 13))
        self.assertIn(
            "begun in invocation 0 (cold), waited at handler.py:13 when the environment was", finding["message"]
        )
        self.assertIn("It went on in invocation 1", finding["message"])
        self.assertIn("had come due", finding["message"])

    def only(self, found):
        self.assertEqual(len(found), 1, found)
        return found[0]

    def test_without_a_freeze_the_same_task_is_another_rules(self):
        with self.serving(WRITES, "") as (line, daemon):
            line.invoke("frozen", {"begin": True, "path": str(self.scratch / "steps")})
            second = line.invoke("frozen", {"wait": True})
            shown = self.show(daemon, second)
        self.assertEqual([each["rule"] for each in second["findings"]], ["fire-and-forget"])
        self.assertEqual((shown["freezes"], shown["invocation"]["frozenNs"]), ([], None))
        self.assertEqual(self.events(shown, "frozen", "thawed", "task-frozen", "task-thawed"), [])

    def test_a_time_limit_runs_out_while_nothing_runs(self):
        with self.serving(TIMES_OUT) as (line, daemon):
            self.assertEqual(line.invoke("frozen")["result"], [False])
            self.await_frozen(daemon, 1)
            time.sleep(PAUSE_SECONDS)
            second = line.invoke("frozen")
        self.assertEqual(second["result"], [True])
        finding = self.only(second["findings"])
        self.assertEqual(finding["rule"], "stalled-task")
        self.assertIn("its time limit had run out", finding["message"])

    def test_a_loop_in_a_thread_stalls_too(self):
        with self.serving(LOOP_IN_THREAD) as (line, daemon):
            first = line.invoke("frozen", {"begin": True, "sleep": 0.05})
            self.await_frozen(daemon, 1)
            time.sleep(PAUSE_SECONDS)
            second = line.invoke("frozen", {"sleep": 2})
            shown = self.show(daemon, second)
        # It took 0.6 s, of which the pause is none.
        self.assertLess(second["result"][0], first["result"][1] + 30)
        self.assertEqual(second["result"][1], 60)
        self.assertEqual({each["detail"] for each in self.events(shown, "task-frozen")}, {"audit", "refresh"})
        self.assertEqual([each["detail"] for each in self.events(shown, "thread-frozen")], ["loop"])
        finding = self.only(second["findings"])
        self.assertEqual(finding["rule"], "stalled-task")
        self.assertIn("audit()", finding["message"])

    def test_nothing_is_found_where_nothing_is_alive_or_only_what_may_be(self):
        for source, threads in ((QUIET, 0), (BUSY, 2)):
            with self.subTest(threads), self.serving(source) as (line, daemon):
                replies = []
                for count in range(1, 4):
                    replies.append(line.invoke("frozen"))
                    self.await_frozen(daemon, count)
                shown = self.show(daemon, replies[-1])
                self.assertEqual([reply["findings"] for reply in replies], [[], [], []])
                self.assertEqual(len(self.events(shown, "thread-frozen")), threads)
                self.assertEqual(self.events(shown, "task-frozen", "timer-frozen", "child-frozen"), [])
                self.assertEqual([each["means"] in ("SIGSTOP", "cgroup") for each in shown["freezes"]], [True, True])

    def test_spans_survive_the_daemon_and_the_environment(self):
        with self.serving(QUIET) as (line, daemon):
            reply = line.invoke("frozen")
            self.await_frozen(daemon, 1)
            daemon.run("functions", "remove", "frozen")
            harness.wait_until(
                lambda: daemon.rows("SELECT 1 FROM freezeSpan WHERE thawedAt IS NOT NULL"), "the span has its end"
            )
            span = self.only(self.show(daemon, reply)["freezes"])
        self.assertEqual(span["afterInvocation"], 0)
        self.assertGreater(span["durationNs"], 0)

    def test_judging_again_finds_the_same(self):
        with self.serving(WRITES) as (line, daemon):
            line.invoke("frozen", {"begin": True, "path": str(self.scratch / "steps")})
            self.await_frozen(daemon, 1)
            line.invoke("frozen", {"wait": True})
            before = daemon.json("findings")["findings"]
            daemon.run("recheck")
            self.assertEqual(daemon.json("findings")["findings"], before)
        self.assertEqual([each["rule"] for each in before], ["stalled-task"])


if __name__ == "__main__":
    unittest.main()
