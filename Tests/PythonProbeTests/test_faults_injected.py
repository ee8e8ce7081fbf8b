"""Invocations that are made to fail on purpose, and time that nobody waits for: what a handler sees of it."""

import sys
import textwrap
import time
import unittest

from fake_daemon import Ended, FakeDaemon
from fake_zygote import fork_workers, spawn_workers
from watching import HAS_UVLOOP

setUpModule, tearDownModule = fork_workers, spawn_workers

LOOPS = ("asyncio", "uvloop") if HAS_UVLOOP else ("asyncio",)
EXCEPTION, CANCELLATION, HANG = "exception", "cancellation", "hang"
TWO_WAITS = """
    import asyncio
    steps = []

    async def handler(event, context):
        steps.append("begun")
        await asyncio.sleep(0)
        await asyncio.sleep(0.001)
        steps.append("first")
        await asyncio.sleep(0.001)
        steps.append("second")
        return steps
"""
TWO_RUNS = """
    import asyncio
    steps = []

    async def step(name):
        await asyncio.sleep(0.001)
        steps.append(name)

    def handler(event, context):
        asyncio.run(step("first"))
        asyncio.run(step("second"))
        return steps
"""


class FaultTestCase(unittest.TestCase):
    def start(self, source, **options):
        daemon = FakeDaemon(textwrap.dedent(source), **options)
        self.addCleanup(daemon.close)
        daemon.start()
        return daemon

    def each_loop(self):
        for loop in LOOPS:
            with self.subTest(loop=loop):
                yield loop

    def assert_failed(self, reply, error="ConnectionResetError"):
        self.assertTrue(reply.was_faulted)
        self.assertFalse(reply.ok)
        self.assertEqual(reply.value["errorType"], error, reply.value)
        self.assertNotIn("loopwarden", "".join(reply.value["stackTrace"]))
        self.assertNotIn("probe-failed", reply.kinds())
        self.assertNotIn("exit-escaped", reply.kinds())

    def assert_well(self, reply, value, was_faulted=False):
        self.assertTrue(reply.ok, reply.value)
        self.assertEqual(reply.value, value)
        self.assertEqual(reply.was_faulted, was_faulted)
        self.assertNotIn("probe-failed", reply.kinds())


def fault(kind, at=1):
    return {"kind": kind, "at": at}


class ExceptionTests(FaultTestCase):
    def test_the_wanted_wait_fails(self):
        for loop in self.each_loop():
            for host in ("per-invocation", "bare", "kept", "running", "server", "thread"):
                with self.subTest(host=host):
                    daemon = self.start(TWO_WAITS, host=host, loop=loop)
                    reply = daemon.invoke(fault=fault(EXCEPTION, 2))
                    self.assert_failed(reply)
                    self.assertIn("injected by Loopwarden", reply.value["errorMessage"])
                    self.assertIn("line 10, in handler", reply.value["stackTrace"][0])
                    self.assert_well(daemon.invoke(), ["begun", "first", "begun", "first", "second"])

    def test_each_coroutine_that_a_handler_runs_itself_is_counted_on(self):
        for loop in self.each_loop():
            for host in ("per-invocation", "bare", "kept", "thread"):
                with self.subTest(host=host):
                    daemon = self.start(TWO_RUNS, host=host, loop=loop)
                    self.assert_failed(daemon.invoke(fault=fault(EXCEPTION, 2)))
                    self.assert_well(daemon.invoke(), ["first", "first", "second"])

    def test_a_host_that_waits_for_a_handler_in_a_thread_is_not_its_work(self):
        for loop in self.each_loop():
            daemon = self.start(TWO_RUNS, host="server", loop=loop)
            self.assert_failed(daemon.invoke(fault=fault(EXCEPTION, 1)))
            self.assert_well(daemon.invoke(), ["first", "second"])

    def test_without_a_fault_nothing_fails(self):
        for loop in self.each_loop():
            daemon = self.start(TWO_WAITS, loop=loop)
            self.assert_well(daemon.invoke(), ["begun", "first", "second"])

    def test_a_suspension_that_never_comes_does_nothing(self):
        for loop in self.each_loop():
            for kind in (EXCEPTION, CANCELLATION):
                daemon = self.start(TWO_WAITS, loop=loop)
                self.assert_well(daemon.invoke(fault=fault(kind, 3)), ["begun", "first", "second"])
                daemon = self.start("def handler(event, context):\n    return 1\n", loop=loop)
                self.assert_well(daemon.invoke(fault=fault(kind, 1)), 1)

    def test_afterwards_everything_is_as_before(self):
        for loop in self.each_loop():
            daemon = self.start(
                """
                import asyncio, sys

                def handler(event, context):
                    bases = [asyncio.base_events.BaseEventLoop]
                    if "uvloop" in sys.modules:
                        bases.append(sys.modules["uvloop"].Loop)
                    return ["injecting" in getattr(base.run_until_complete, "__code__", None).co_filename
                            if hasattr(base.run_until_complete, "__code__") else False for base in bases]
                """,
                loop=loop,
            )
            self.assertIn(True, daemon.invoke(fault=fault(EXCEPTION)).value)
            self.assertNotIn(True, daemon.invoke().value)

    def test_what_a_handler_catches_it_survives(self):
        for loop in self.each_loop():
            daemon = self.start(
                """
                import asyncio, traceback

                async def handler(event, context):
                    try:
                        await asyncio.sleep(0.01)
                    except ConnectionResetError as error:
                        return [error.errno > 0, "loopwarden" in traceback.format_exc().replace("Loopwarden", "")]
                """,
                loop=loop,
            )
            self.assert_well(daemon.invoke(fault=fault(EXCEPTION)), [True, False], was_faulted=True)

    def test_no_tasks_and_no_callbacks_are_left_of_what_failed(self):
        source = """
            import asyncio, io, logging
            log = io.StringIO()
            logging.basicConfig(stream=log, level=logging.DEBUG)
            logging.getLogger("asyncio").setLevel(logging.INFO)

            async def serve(reader, writer):
                await asyncio.sleep(0.003)
                writer.write(b"late")
                await writer.drain()
                writer.close()

            async def fetch(way):
                if way == "sleep":
                    await asyncio.sleep(0.003)
                elif way == "wait_for":
                    await asyncio.wait_for(asyncio.sleep(0.003), 1)
                elif way == "gather":
                    await asyncio.gather(asyncio.sleep(0.003), asyncio.sleep(0.002))
                elif way == "wait":
                    await asyncio.wait([asyncio.ensure_future(asyncio.sleep(0.003))])
                elif way == "shield":
                    await asyncio.shield(asyncio.ensure_future(asyncio.sleep(0.003)))
                elif way == "executor":
                    import time
                    await asyncio.get_running_loop().run_in_executor(None, time.sleep, 0.003)
                elif way == "executors":
                    import time
                    run = asyncio.get_running_loop().run_in_executor
                    await asyncio.gather(run(None, time.sleep, 0.003), run(None, time.sleep, 0.002))
                elif way == "as_completed":
                    for each in asyncio.as_completed([asyncio.sleep(0.003), asyncio.sleep(0.002)]):
                        await each
                elif way == "task":
                    await asyncio.ensure_future(asyncio.sleep(0.003))
                elif way == "stream":
                    server = await asyncio.start_server(serve, "127.0.0.1", 0)
                    async with server:
                        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
                        try:
                            await reader.read()
                        finally:
                            writer.close()

            async def handler(event, context):
                if event is None:
                    await asyncio.sleep(0.02)
                    return log.getvalue()
                try:
                    await fetch(event)
                except ConnectionResetError:
                    return "failed"
                return "well"
        """
        ways = "sleep wait_for gather wait shield executor executors as_completed task stream".split()
        for loop in self.each_loop():
            daemon = self.start(source, loop=loop, host="kept")
            for way in ways:
                with self.subTest(way=way):
                    reply = daemon.invoke(event=way, fault=fault(EXCEPTION))
                    # wait() does not raise what its tasks raise.
                    self.assert_well(reply, "well" if way == "wait" else "failed", was_faulted=True)
                    self.assert_well(daemon.invoke(event=way), "well")
            log = daemon.invoke().value
            # That nobody asks those which wait() has waited for is the handler's own fault, and asyncio says so.
            self.assertNotIn("Exception in callback", log)
            self.assertNotIn("Fatal error", log)
            self.assertNotIn("destroyed", log)
            self.assertNotIn("InvalidState", log)
            self.assertEqual(log.count("never retrieved"), 1, log)

    def test_a_future_of_the_users_own_fails_when_somebody_completes_it(self):
        for loop in self.each_loop():
            daemon = self.start(
                """
                import asyncio, threading, time

                async def handler(event, context):
                    loop = asyncio.get_running_loop()
                    answer, seen = loop.create_future(), []

                    def work():
                        time.sleep(0.02)
                        seen.append("completed")
                        loop.call_soon_threadsafe(answer.set_result, "from the thread")

                    threading.Thread(target=work).start()
                    try:
                        return await answer
                    except ConnectionResetError:
                        return [*seen, answer.cancelled()]
                """,
                loop=loop,
            )
            self.assert_well(daemon.invoke(fault=fault(EXCEPTION)), ["completed", False], was_faulted=True)
            self.assert_well(daemon.invoke(), "from the thread")

    def test_locks_and_queues_do_not_fail(self):
        for loop in self.each_loop():
            daemon = self.start(
                """
                import asyncio

                async def handler(event, context):
                    queue, gate = asyncio.Queue(), asyncio.Event()
                    loop = asyncio.get_running_loop()
                    loop.call_later(0.005, queue.put_nowait, "item")
                    loop.call_later(0.01, gate.set)
                    item = await queue.get()
                    await gate.wait()
                    async with asyncio.Lock():
                        try:
                            await asyncio.sleep(0.005)
                        except ConnectionResetError:
                            return item
                """,
                loop=loop,
            )
            self.assert_well(daemon.invoke(fault=fault(EXCEPTION)), "item", was_faulted=True)

    def test_a_loop_that_only_turns_is_not_held_up(self):
        for loop in self.each_loop():
            daemon = self.start(
                """
                import asyncio

                async def handler(event, context):
                    for _ in range(3000):
                        await asyncio.sleep(0)
                    return "turned"
                """,
                loop=loop,
            )
            self.assert_well(daemon.invoke(fault=fault(EXCEPTION)), "turned")

    @unittest.skipUnless(sys.version_info >= (3, 11), "task groups are of 3.11")
    def test_a_task_of_a_group_fails_and_not_the_group(self):
        for loop in self.each_loop():
            daemon = self.start(
                """
                import asyncio

                async def work(seconds):
                    await asyncio.sleep(seconds)

                async def handler(event, context):
                    try:
                        async with asyncio.TaskGroup() as group:
                            tasks = [group.create_task(work(1)), group.create_task(work(1))]
                    except BaseExceptionGroup as group:
                        return [type(error).__name__ for error in group.exceptions] + [t.cancelled() for t in tasks]
                """,
                loop=loop,
            )
            reply = daemon.invoke(fault=fault(EXCEPTION))
            self.assert_well(reply, ["ConnectionResetError", False, True], was_faulted=True)


class RunningHostTests(FaultTestCase):
    def test_what_a_failed_invocation_leaves_to_the_loop_does_not_cut_the_worker_off(self):
        # uvloop takes the channel for its own while the loop runs on between invocations.
        for loop in self.each_loop():
            daemon = self.start(
                """
                import asyncio, os, stat

                async def handler(event, context):
                    await asyncio.gather(*(asyncio.sleep(0.02) for _ in range(3)))
                    sockets = [int(fd) for fd in os.listdir("/proc/self/fd") if int(fd) >= 200]
                    return [os.get_blocking(fd) for fd in sockets if stat.S_ISSOCK(os.fstat(fd).st_mode)]
                """,
                host="running",
                loop=loop,
            )
            for _ in range(3):
                self.assert_failed(daemon.invoke(fault=fault(EXCEPTION)))
                self.assert_well(daemon.invoke(), [True])


class CancellationTests(FaultTestCase):
    def test_the_handler_is_cancelled_and_the_environment_lives_on(self):
        for loop in self.each_loop():
            for host in ("per-invocation", "bare", "kept", "running", "server", "thread"):
                with self.subTest(host=host):
                    daemon = self.start(TWO_WAITS, host=host, loop=loop)
                    self.assert_failed(daemon.invoke(fault=fault(CANCELLATION, 2)), "CancelledError")
                    self.assert_well(daemon.invoke(), ["begun", "first", "begun", "first", "second"])

    def test_a_handler_that_runs_its_coroutines_itself_gets_it_from_the_run(self):
        for loop in self.each_loop():
            daemon = self.start(TWO_RUNS, host="bare", loop=loop)
            self.assert_failed(daemon.invoke(fault=fault(CANCELLATION, 2)), "CancelledError")
            self.assert_well(daemon.invoke(), ["first", "first", "second"])

    def test_in_other_invocations_it_ends_the_process_as_on_lambda(self):
        for loop in self.each_loop():
            daemon = self.start(
                """
                import asyncio

                async def handler(event, context):
                    raise asyncio.CancelledError
                """,
                loop=loop,
            )
            with self.assertRaises(Ended):
                daemon.invoke()
            self.assertEqual(daemon.wait(), 1)
            self.assertIn("exit-escaped", [event["event"] for event in daemon.left_in_journal()])

    def test_a_cancellation_of_its_own_before_ours_ends_the_process_too(self):
        daemon = self.start(
            """
            import asyncio

            async def handler(event, context):
                raise asyncio.CancelledError
            """
        )
        with self.assertRaises(Ended):
            daemon.invoke(fault=fault(CANCELLATION))

    def test_one_that_is_swallowed_is_told_where(self):
        for loop in self.each_loop():
            daemon = self.start(
                """
                import asyncio

                async def handler(event, context):
                    for _ in range(3):
                        try:
                            await asyncio.sleep(0.01)
                        except asyncio.CancelledError:
                            pass
                    return "well"
                """,
                loop=loop,
            )
            reply = daemon.invoke(fault=fault(CANCELLATION))
            self.assert_well(reply, "well", was_faulted=True)
            told = [event for event in reply.events if event["event"] == "cancel-swallowed"]
            self.assertEqual([event["site"]["line"] for event in told], [7])
            self.assertNotIn("cancel-swallowed", daemon.invoke().kinds())

    def test_one_that_is_cleaned_up_after_is_not_told(self):
        for loop in self.each_loop():
            daemon = self.start(
                """
                import asyncio

                async def handler(event, context):
                    try:
                        await asyncio.sleep(0.01)
                    finally:
                        await asyncio.sleep(0.001)
                """,
                loop=loop,
            )
            reply = daemon.invoke(fault=fault(CANCELLATION))
            self.assert_failed(reply, "CancelledError")
            self.assertNotIn("cancel-swallowed", reply.kinds())


class HangTests(FaultTestCase):
    def assert_hangs(self, daemon, at=1):
        daemon.send_invoke(fault=fault(HANG, at))
        self.assertTrue(daemon.await_fault())
        daemon._connection.settimeout(0.2)
        with self.assertRaises(OSError):
            daemon.await_fault()
        self.assertIsNone(daemon.process.poll())

    def test_the_wanted_wait_never_ends(self):
        for loop in self.each_loop():
            self.assert_hangs(self.start(TWO_WAITS, loop=loop), 2)
            self.assert_hangs(self.start(TWO_RUNS, loop=loop, host="bare"), 2)

    def test_what_runs_beside_goes_on(self):
        daemon = self.start(
            """
            import asyncio, sys

            async def beside():
                while True:
                    await asyncio.sleep(0.01)
                    print("beside", flush=True)

            async def handler(event, context):
                asyncio.ensure_future(beside())
                await asyncio.sleep(0.001)
                print("on", flush=True)
            """
        )
        self.assert_hangs(daemon)
        daemon.kill()
        self.assertGreater(daemon.stdout.count("beside"), 3)
        self.assertNotIn("on\n", daemon.stdout)

    def test_a_handler_without_waits_hangs_at_its_end(self):
        for loop in self.each_loop():
            daemon = self.start("def handler(event, context):\n    print('called', flush=True)\n", loop=loop)
            self.assert_hangs(daemon)
            daemon.kill()
            self.assertEqual(daemon.stdout, "called\n")


CLOCKS = """
    import asyncio, datetime, time

    class Timer:
        clock = time.monotonic

    def handler(event, context):
        return [
            time.time(), time.time_ns() / 1e9, time.monotonic(), time.monotonic_ns() / 1e9, time.perf_counter(),
            time.perf_counter_ns() / 1e9, Timer().clock(), time.mktime(time.localtime()),
            datetime.date.today().toordinal() * 86400, datetime.datetime.today().timestamp(),
            asyncio.new_event_loop().time(), datetime.datetime.now().timestamp(),
            datetime.datetime.now(datetime.timezone.utc).timestamp(),
            datetime.datetime.utcnow().replace(tzinfo=datetime.timezone.utc).timestamp(),
        ]
"""
DATES = """
    import datetime, pickle, time, warnings

    class Later(datetime.datetime):
        @classmethod
        def fromtimestamp(cls, *arguments):
            raise AssertionError("now() does not come here")

    now = datetime.datetime.now

    def handler(event, context):
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            naive = datetime.datetime.utcnow()
        zone = datetime.timezone(datetime.timedelta(hours=5))
        problems = []
        try:
            datetime.datetime.now(5)
        except TypeError as error:
            problems.append(str(error))
        return [
            type(Later.now()).__name__, type(Later.utcnow()).__name__, naive.tzinfo is None, str(now(tz=zone).tzinfo),
            type(pickle.loads(pickle.dumps(now()))) is datetime.datetime, abs(now().timestamp() - time.time()) < 1,
            [(str(each.message), each.filename.endswith("app.py")) for each in seen], problems,
        ]
"""


class IdleTests(FaultTestCase):
    def test_clocks_are_put_forward(self):
        daemon = self.start(CLOCKS, simulatesIdle=True)
        before, after = daemon.invoke().value, daemon.invoke(idleMs=5 * 86_400_000).value
        for index, (earlier, later) in enumerate(zip(before, after)):
            self.assertAlmostEqual(later - earlier, 5 * 86400, delta=60, msg=index)
        again = daemon.invoke().value
        for index, (earlier, later) in enumerate(zip(after, again)):
            self.assertAlmostEqual(later - earlier, 0, delta=60, msg=index)

    def test_dates_are_as_before_but_for_their_value(self):
        plain, moved = self.start(DATES), self.start(DATES, simulatesIdle=True)
        self.assertEqual(moved.invoke(idleMs=86_400_000).value, plain.invoke().value)

    def test_where_nobody_asks_they_are_the_real_ones(self):
        source = "import time\ndef handler(event, context):\n    return type(time.monotonic).__name__\n"
        daemon = self.start(source)
        self.assertEqual(daemon.invoke(idleMs=1000).value, "builtin_function_or_method")
        daemon = self.start(CLOCKS)
        before, after = daemon.invoke().value, daemon.invoke(idleMs=5 * 86_400_000).value
        self.assertLess(after[0] - before[0], 60)

    def test_timers_of_a_kept_loop_come_due(self):
        source = """
            import asyncio
            done = []

            async def refresh():
                await asyncio.sleep(3600)
                done.append("refreshed")

            async def handler(event, context):
                if event:
                    asyncio.ensure_future(refresh())
                await asyncio.sleep(0.01)
                return done
        """
        daemon = self.start(source, host="kept", simulatesIdle=True)
        self.assertEqual(daemon.invoke(event=1).value, [])
        self.assertEqual(daemon.invoke(idleMs=3_500_000).value, [])
        self.assertEqual(daemon.invoke(idleMs=200_000).value, ["refreshed"])

    def test_the_journal_and_the_time_left_do_not_move(self):
        daemon = self.start(
            "import time\ndef handler(event, context):\n    time.sleep(0.01)\n"
            "    return context.get_remaining_time_in_millis()\n",
            simulatesIdle=True,
        )
        daemon.invoke()
        reply = daemon.invoke(idleMs=86_400_000, seconds=3)
        self.assertTrue(0 < reply.value <= 3000, reply.value)
        now = time.monotonic_ns()
        for event in reply.events:
            self.assertTrue(now - 20e9 < event["atNs"] <= now, event)


if __name__ == "__main__":
    unittest.main()
