"""Hosts whose loop runs on between two invocations, beside those whose loop stands still; over a real socket."""

import textwrap
import time
import unittest

from fake_daemon import READY, Ended, FakeDaemon
from fake_zygote import fork_workers, spawn_workers
from watching import needs_uvloop

from loopwarden_probe import facts  # isort: skip

setUpModule, tearDownModule = fork_workers, spawn_workers

LEAVES = """
import asyncio
tasks, steps = [], []

async def work():
    for step in range(3):
        await asyncio.sleep(0.001)
        steps.append(step)

async def handler(event, context):
    found = len(steps), [task.done() for task in tasks]
    tasks.append(asyncio.ensure_future(work()))
    return found
"""
SERVICE = """
import asyncio
service = None

async def refresh():
    while True:
        await asyncio.sleep(0.01)

async def handler(event, context):
    global service
    service = service or asyncio.ensure_future(refresh())
"""
IMPORT = """
import asyncio
try:
    found = asyncio.get_running_loop().is_running()
except RuntimeError as error:
    found = str(error)

def handler(event, context):
    return found
"""
PAUSE_SECONDS = 0.1


class HostTests(unittest.TestCase):
    loop = "asyncio"

    def ready(self, source, host, **traits):
        daemon = FakeDaemon(textwrap.dedent(source), host=host, loop=self.loop)
        daemon._config["hostTraits"] = traits
        self.addCleanup(daemon.close)
        self.assertEqual(daemon.start(), READY)
        return daemon

    def test_what_is_left_goes_on_where_the_loop_runs_on(self):
        for host, expected in (
            ("running", [3, [True]]),
            ("server", [3, [True]]),
            ("kept", [0, [False]]),
            ("mangum", [0, [False]]),
            ("per-invocation", [0, [True]]),
        ):
            with self.subTest(host):
                daemon = self.ready(LEAVES, host)
                daemon.invoke()
                time.sleep(PAUSE_SECONDS)
                steps, done = daemon.invoke().value
                # One step may fall into the end of the first invocation, on a machine that is short of CPU.
                self.assertEqual([0 if steps == 1 else steps, done], expected)

    def test_a_service_of_the_environment_is_no_lost_work_where_the_loop_is_kept(self):
        for host in ("running", "server", "kept", "mangum"):
            with self.subTest(host):
                daemon = self.ready(SERVICE, host)
                self.assertEqual([event for _ in range(3) for event in self.losses(daemon)], [])
        self.assertEqual(len(self.losses(self.ready(SERVICE, "per-invocation"))), 1)

    @staticmethod
    def losses(daemon):
        lost = facts.CANCELLED_BY_HOST | facts.LEFT_BEFORE
        return [event for event in daemon.invoke().events
                if event["event"] == "task-unfinished" and event["flags"] & lost]  # fmt: skip

    def test_the_module_is_imported_inside_the_loop_unless_the_host_does_not(self):
        for host, traits, expected in (
            ("running", {}, True),
            ("server", {}, True),
            ("running", {"importsFirst": True}, "no running event loop"),
            ("server", {"importsFirst": True}, "no running event loop"),
            ("kept", {}, "no running event loop"),
        ):
            with self.subTest(host, **traits):
                daemon = self.ready(IMPORT, host, **traits)
                self.assertEqual(daemon.invoke().value, expected)

    def test_no_handler_keeps_the_next_invocation_away(self):
        for name, act in (
            ("spins", "asyncio.ensure_future(spin())"),
            ("stops the loop", "asyncio.get_running_loop().call_later(0.01, asyncio.get_running_loop().stop)"),
            ("stops it later", "asyncio.ensure_future(stop())"),
            ("breaks a callback", "asyncio.get_running_loop().call_soon(print, 1, 2, 3).cancel()"),
            ("closes the selector", "asyncio.get_running_loop().call_later(0.01, closes)"),
        ):
            with self.subTest(name):
                source = """
                import asyncio
                import os

                async def spin():
                    while True:
                        await asyncio.sleep(0)

                async def stop():
                    await asyncio.sleep(0.01)
                    asyncio.get_event_loop().stop()
                    await asyncio.sleep(3600)

                def closes():
                    raise ValueError("of a callback")

                async def handler(event, context):
                    {}
                    await asyncio.sleep(0)
                    return event
                """.format(act)
                daemon = self.ready(source, "running")
                for number in range(4):
                    self.assertEqual(daemon.invoke(number).value, number)
                    time.sleep(PAUSE_SECONDS / 4)

    def test_an_exit_out_of_a_task_ends_the_process_between_two_invocations(self):
        source = """
        import asyncio

        async def leave():
            await asyncio.sleep(0.2)
            raise SystemExit(3)

        async def handler(event, context):
            asyncio.ensure_future(leave())
        """
        daemon = self.ready(source, "running")
        daemon.invoke()
        self.assertEqual(daemon.wait(), 3)
        with self.assertRaises((Ended, BrokenPipeError)):
            daemon.invoke()

    def test_an_idle_loop_costs_no_time(self):
        daemon = self.ready(SERVICE, "running")
        daemon.invoke()
        with open("/proc/{}/stat".format(daemon.process.pid)) as file:
            before = sum(map(int, file.read().rpartition(")")[2].split()[11:13]))
        time.sleep(0.5)
        with open("/proc/{}/stat".format(daemon.process.pid)) as file:
            after = sum(map(int, file.read().rpartition(")")[2].split()[11:13]))
        self.assertLess(after - before, 20)  # of 50 clock ticks


@needs_uvloop
class UvloopHostTests(HostTests):
    loop = "uvloop"


if __name__ == "__main__":
    unittest.main()
