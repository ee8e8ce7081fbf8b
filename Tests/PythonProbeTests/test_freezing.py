"""What is alive when an environment is frozen, and what becomes of it; over a real socket, with real SIGSTOPs."""

import contextlib
import socket
import textwrap
import threading
import unittest

from fake_daemon import READY, Ended, FakeDaemon
from fake_zygote import fork_workers, spawn_workers
from watching import needs_uvloop

from loopwarden_probe import facts  # isort: skip

setUpModule, tearDownModule = fork_workers, spawn_workers

FROZEN_SECONDS = 0.3

LEAVES = """
import asyncio
import os
tasks = []

async def audit(path):
    for _ in range(3):
        await asyncio.sleep(0.05)
        with open(path, "a") as file:
            file.write(".")

async def handler(event, context):
    if event.get("begin"):
        tasks.append(asyncio.ensure_future(audit(event["path"])))
        await asyncio.sleep(0)
    if event.get("wait"):
        await tasks[0]
    elif event.get("pause"):
        await asyncio.sleep(event["pause"])
"""
TIMEOUT = """
import asyncio
tasks = []

async def ask():
    await asyncio.wait_for(asyncio.get_running_loop().create_future(), 0.1)  # nobody answers

async def handler(event, context):
    if not tasks:
        tasks.append(asyncio.ensure_future(ask()))
        await asyncio.sleep(0)
    else:
        await asyncio.sleep((event or {}).get("pause", 0.02))
"""
FORGETS_RESULT = """
import gc
""" + TIMEOUT.replace(
    "    if not tasks:",
    "    tasks[:] = [task for task in tasks if not task.done()]\n    gc.collect()\n    if not tasks:",
)
TIMER = """
import asyncio
rung = []

def ring():
    rung.append(1)

async def handler(event, context):
    loop = asyncio.get_running_loop()
    if event.get("begin"):
        loop.call_later(0.05, ring)
        loop.call_later(3600, rung.append, 2)
        loop.call_later(0.05, ring).cancel()
    await asyncio.sleep(0)
    return len(rung)
"""
THREADS = """
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
stop = threading.Event()
pool = ThreadPoolExecutor(1)
services = []
child = None

def serve():
    stop.wait()

def handler(event, context):
    global child
    if event.get("begin"):
        services.append(threading.Thread(target=serve, daemon=True, name="server"))
        services.append(threading.Thread(target=serve, daemon=False, name="worker"))
        for each in services:
            each.start()
        pool.submit(int).result()
        child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    if event.get("end"):
        stop.set()
        for each in services:
            each.join()
        child.communicate()
"""
THREAD_LOOP = """
import asyncio
import threading
loop = asyncio.new_event_loop()
threading.Thread(target=loop.run_forever, daemon=True).start()
begun = threading.Event()

async def audit():
    begun.set()
    for _ in range(100):
        await asyncio.sleep(0.1)

def handler(event, context):
    if event.get("begin"):
        asyncio.run_coroutine_threadsafe(audit(), loop)
        begun.wait()
    if event.get("pause"):
        __import__("time").sleep(event["pause"])
"""
CONNECTS = """
import socket
lines = []

def handler(event, context):
    if event.get("port"):
        lines.append(socket.create_connection(("127.0.0.1", event["port"])))
        lines.append(socket.socketpair()[0])
    elif event.get("receive"):
        return [line.recv(1).decode() for line in lines[:1]]
"""
NOTHING = """
async def handler(event, context):
    return 1
"""


class FreezingTests(unittest.TestCase):
    loop = "asyncio"

    def ready(self, source, host="kept", **config):
        daemon = FakeDaemon(textwrap.dedent(source), host=host, loop=self.loop, **config)
        self.addCleanup(daemon.close)
        self.assertEqual(daemon.start(), READY)
        self.assertIs(daemon.info["tellsWhatIsAlive"], True)
        return daemon

    def of(self, events, *kinds):
        return [event for event in events if event["event"] in kinds]

    def only(self, events, kind):
        found = self.of(events, kind)
        self.assertEqual(len(found), 1, events)
        return found[0]

    def size(self, daemon):
        try:
            with open(daemon.root + "/steps") as file:
                return len(file.read())
        except FileNotFoundError:
            return 0

    def test_a_task_is_told_of_before_and_when_it_has_gone_on(self):
        for host in ("kept", "mangum", "running", "server"):
            with self.subTest(host):
                daemon = self.ready(LEAVES, host, probe={"enabled": True, "freezes": True})
                path = daemon.root + "/steps"
                left = daemon.invoke({"begin": True, "path": path}).events
                unfinished = self.only(left, "task-unfinished")
                frozen = self.only(daemon.freeze(stops=False), "task-frozen")
                steps = self.size(daemon)  # not before: until it is asked, a server's loop goes on
                daemon.stop_for(FROZEN_SECONDS)
                self.assertEqual(self.size(daemon), steps)
                self.assertEqual(frozen["value"], unfinished["value"])
                self.assertEqual(frozen["detail"], "audit")
                self.assertEqual(frozen["site"]["line"], 8)
                self.assertEqual(frozen["phase"], "between")
                self.assertEqual(frozen["flags"], facts.IS_FORGOTTEN)
                after = daemon.invoke({"pause": 0.02}).events
                thawed = self.only(after, "task-thawed")
                self.assertEqual((thawed["value"], thawed["detail"]), (frozen["value"], "audit"))
                self.assertEqual(thawed["flags"], facts.WAS_OVERDUE)
                late = self.only(after, "timer-late")
                self.assertGreater(late["value"], (FROZEN_SECONDS - 0.1) * 1e9)
                again = self.only(daemon.freeze(0), "task-frozen")
                self.assertEqual(again["value"], frozen["value"])
                last = daemon.invoke({"wait": True}).events
                ended = self.of(last, "task-thawed")
                self.assertEqual([each["flags"] & ~facts.WAS_OVERDUE for each in ended], [0, facts.HAS_ENDED])
                self.assertEqual(self.only(last, "task-resumed")["value"], frozen["value"])
                self.assertEqual(self.size(daemon), 3)

    def test_nothing_is_told_where_nothing_is_alive(self):
        for host in ("per-invocation", "bare", "kept", "running", "server", "thread"):
            with self.subTest(host):
                daemon = self.ready(NOTHING, host)
                for _ in range(2):
                    daemon.invoke()
                    kinds = {each["event"] for each in daemon.freeze(0)}
                    self.assertLessEqual(kinds, {"phase-begun", "run-begun", "run-ended"})

    def test_nothing_is_looked_at_unless_it_is_asked(self):
        daemon = self.ready(LEAVES)
        daemon.invoke({"begin": True, "path": daemon.root + "/steps"})
        kinds = daemon.invoke({"pause": 0.3}).kinds()
        self.assertFalse({"task-frozen", "task-thawed", "timer-late"} & set(kinds), kinds)
        self.assertIn("task-resumed", kinds)

    def test_a_timeout_that_ran_out_meanwhile_strikes_at_once(self):
        daemon = self.ready(TIMEOUT)
        daemon.invoke()
        self.only(daemon.freeze(FROZEN_SECONDS), "task-frozen")
        events = daemon.invoke().events
        thawed = self.only(events, "task-thawed")
        self.assertEqual(thawed["flags"], facts.HAS_ENDED | facts.HAS_FAILED | facts.WAS_OVERDUE | facts.IS_UNNOTICED)
        self.assertGreater(self.only(events, "timer-late")["value"], (FROZEN_SECONDS - 0.15) * 1e9)

    def test_a_timeout_in_time_is_not_late(self):
        # It must run out in the second invocation, also where that comes late.
        daemon = self.ready(TIMEOUT.replace("0.1)", "1.5)"))
        daemon.invoke()
        self.only(daemon.freeze(0), "task-frozen")
        events = daemon.invoke({"pause": 2}).events
        self.assertEqual(self.of(events, "timer-late"), [])
        flags = self.only(events, "task-thawed")["flags"]
        self.assertEqual(flags & facts.WAS_OVERDUE, 0)

    def test_its_exception_is_told_once(self):
        daemon = self.ready(FORGETS_RESULT)
        daemon.invoke()
        daemon.freeze(FROZEN_SECONDS)
        kinds = [kind for _ in range(3) for kind in daemon.invoke().kinds()]
        self.assertIn("task-thawed", kinds)
        self.assertNotIn("exception-never-retrieved", kinds)
        daemon = self.ready(FORGETS_RESULT)  # the negative control
        kinds = [kind for _ in range(12) for kind in daemon.invoke().kinds()]
        self.assertIn("exception-never-retrieved", kinds)

    def test_timers(self):
        if self.loop == "uvloop":
            self.skipTest("uvloop hides its timers")
        daemon = self.ready(TIMER)
        daemon.invoke({"begin": True})
        first, second = self.of(daemon.freeze(FROZEN_SECONDS), "timer-frozen")
        self.assertEqual((first["detail"], second["detail"]), ("ring", "list.append"))
        self.assertEqual(first["site"]["line"], 5)
        self.assertLess(first["value"], 0.051e9)
        self.assertGreater(second["value"], 3500e9)
        reply = daemon.invoke({})
        late = self.only(reply.events, "timer-late")
        self.assertEqual((late["detail"], reply.value), ("ring", 1))
        self.assertGreater(late["value"], (FROZEN_SECONDS - 0.1) * 1e9)
        self.assertEqual(len(self.of(daemon.freeze(0), "timer-frozen")), 1)

    def test_threads_and_children(self):
        for host in ("bare", "thread", "server"):
            with self.subTest(host):
                daemon = self.ready(THREADS, host)
                daemon.invoke({"begin": True})
                events = daemon.freeze(0)
                threads = {each["detail"]: each for each in self.of(events, "thread-frozen")}
                self.assertEqual(set(threads), {"server", "worker", "_worker"}, events)
                self.assertEqual(threads["server"]["flags"], facts.IS_DAEMON)
                self.assertEqual(threads["worker"]["flags"], 0)
                self.assertEqual(threads["_worker"]["flags"] & facts.OF_EXECUTOR, facts.OF_EXECUTOR)
                self.assertEqual(threads["worker"]["site"]["function"].split(".")[-1], "serve")
                child = self.only(events, "child-frozen")
                self.assertGreater(child["value"], 1)
                daemon.invoke({"end": True})
                events = daemon.freeze(0)
                self.assertEqual(self.of(events, "child-frozen"), [])
                self.assertLessEqual({each["detail"] for each in self.of(events, "thread-frozen")}, {"_worker"})

    def test_the_loop_of_a_thread(self):
        daemon = self.ready(THREAD_LOOP, "bare")
        daemon.invoke({"begin": True})
        frozen = self.only(daemon.freeze(FROZEN_SECONDS), "task-frozen")
        self.assertTrue(frozen["flags"] & facts.LEFT_IN_THREAD)
        thawed = self.only(daemon.invoke({"pause": 0.5}).events, "task-thawed")
        self.assertEqual(thawed["value"], frozen["value"])

    def test_sockets(self):
        for says, is_lost in ((b"", True), (b"x", False)):
            with self.subTest(says), contextlib.closing(socket.create_server(("127.0.0.1", 0))) as server:
                daemon = self.ready(CONNECTS, "bare")
                port = server.getsockname()[1]
                daemon.invoke({"port": port})
                peer, _ = server.accept()
                with peer:
                    events = daemon.freeze(0)
                    self.assertEqual(self.only(events, "socket-frozen")["detail"], "127.0.0.1:{}".format(port))
                    peer.sendall(says)
                    if is_lost:
                        peer.shutdown(socket.SHUT_WR)
                    reply = daemon.invoke({"receive": True})
                    # What there is to be read stays there.
                    self.assertEqual(reply.value, [says.decode()])
                    self.assertEqual(len(self.of(reply.events, "socket-lost")), int(is_lost))

    def test_what_was_told_is_not_lost_with_the_worker(self):
        daemon = self.ready(LEAVES)
        daemon.invoke({"begin": True, "path": daemon.root + "/steps"})
        self.only(daemon.freeze(0, stops=False), "task-frozen")
        timer = threading.Timer(0.3, daemon.process.kill)
        timer.start()
        with self.assertRaises(Ended):
            daemon.invoke({"pause": 5})
        timer.join()
        daemon.wait()
        self.assertIn("task-thawed", [each["event"] for each in daemon.left_in_journal()])


@needs_uvloop
class UvloopFreezingTests(FreezingTests):
    loop = "uvloop"


if __name__ == "__main__":
    unittest.main()
