"""What invocations leave behind: threads, children, descriptors, connections; and what they do in the wrong thread."""

import asyncio
import concurrent.futures
import os
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import warnings

from watching import Watch, WatchingTestCase, needs_uvloop  # first: it makes the sources importable

from loopwarden_probe import facts  # isort: skip


class InvocationTestCase(WatchingTestCase):
    """Plays invocations, and looks at what each of them is told for."""

    KINDS = ()
    new_loop = staticmethod(asyncio.SelectorEventLoop)

    def setUp(self):
        super().setUp()
        self.watch.probe.loaded()
        self.told = []

    def invoke(self, function, times=1):
        """The observations of each of some invocations."""
        journal, probe = self.watch.probe.journal, self.watch.probe
        for _ in range(times):
            journal.enter_phase(facts.INVOCATION, len(self.told))
            probe.waking()
            function()
            probe.returned()
            probe.ended()
            journal.leave_phase()
            self.told.append(self.watch.events(*self.KINDS))
        self.assertEqual(self.watch.probe.disabled, [])
        return self.told

    def run_on_a_loop(self, main):
        loop = self.new_loop()
        try:
            return loop.run_until_complete(main())
        finally:
            loop.close()

    def counts(self):
        return [len(events) for events in self.told]


class ThreadTests(InvocationTestCase):
    KINDS = ("thread-left",)

    def setUp(self):
        super().setUp()
        self.end = threading.Event()
        self.started = []
        self.addCleanup(lambda: [thread.join(10) for thread in self.started])
        self.addCleanup(self.end.set)

    def start(self, target=None, thread=None):
        thread = thread or threading.Thread(target=target or self.end.wait)
        thread.start()
        self.started.append(thread)
        return thread

    def test_threads_of_one_line_pile_up(self):
        self.invoke(self.start, 4)
        self.assertEqual(self.counts(), [0, 0, 1, 1])
        event = self.told[2][0]
        self.assert_at(event, self.start.__func__.__code__.co_firstlineno + 2, __file__)
        self.assertEqual((event["value"], event["flags"]), (3, 0))

    def test_one_or_two_services_are_none(self):
        self.invoke(self.start, 2)
        self.invoke(lambda: None, 4)
        self.assertEqual(self.counts(), [0] * 6)

    def test_several_of_one_invocation_are_a_service_with_many_threads(self):
        self.invoke(lambda: [self.start() for _ in range(8)])
        self.invoke(lambda: None, 3)
        self.assertEqual(self.counts(), [0] * 4)

    def test_threads_that_end_are_none(self):
        self.invoke(lambda: self.start(lambda: None).join(), 4)
        self.assertEqual(self.counts(), [0] * 4)

    def test_threads_that_wait_with_a_limit_may_end(self):
        self.invoke(lambda: self.start(lambda: self.end.wait(60)), 5)
        self.assertEqual(self.counts(), [0] * 5)

    def test_work_that_goes_on_after_the_answer_is_none(self):
        for _ in range(6):
            self.invoke(lambda: self.start(lambda: time.sleep(0.05)))
            if len(self.told) % 2 == 0:
                time.sleep(0.06)
        self.assertEqual(self.counts(), [0] * 6)

    def test_timers_are_none(self):
        timers = []

        def work():
            timers.append(threading.Timer(30, print))
            self.start(thread=timers[-1])

        self.invoke(work, 5)
        for timer in timers:
            timer.cancel()
        self.assertEqual(self.counts(), [0] * 5)

    def test_a_pool_belongs_to_the_line_that_makes_it(self):
        pools = []

        def work():
            pools.append(concurrent.futures.ThreadPoolExecutor(2))
            pools[-1].submit(int).result()

        self.invoke(work, 3)
        for pool in pools:
            pool.shutdown()
        self.assertEqual(self.counts(), [0, 0, 1])
        self.assert_at(self.told[2][0], work.__code__.co_firstlineno + 1, __file__)
        self.assertEqual(self.told[2][0]["flags"] & facts.OF_EXECUTOR, facts.OF_EXECUTOR)

    def test_one_pool_that_fills_is_none(self):
        kept = []
        go = threading.Event()

        def work():
            if not kept:
                kept.append(concurrent.futures.ThreadPoolExecutor(8))
            kept[0].submit(go.wait)

        self.invoke(work, 6)
        go.set()
        kept[0].shutdown()
        self.assertEqual(self.counts(), [0] * 6)

    def test_pools_that_are_shut_down_are_none(self):
        def work():
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                pool.submit(int).result()

        self.invoke(work, 5)
        self.assertEqual(self.counts(), [0] * 5)

    def test_a_pool_that_is_dropped_ends_by_itself(self):
        self.invoke(lambda: concurrent.futures.ThreadPoolExecutor(2).submit(int).result(), 3)
        time.sleep(0.05)
        self.invoke(lambda: None, 3)
        self.assertEqual(self.counts(), [0] * 6)

    def test_pools_that_are_garbage_end_by_themselves(self):
        self.assertEqual(self.pools_in_cycles(kept=[None]), [0] * 4)

    def test_pools_in_cycles_that_somebody_has_are_told(self):
        self.assertEqual(self.pools_in_cycles(kept=[]), [0, 0, 1, 1])

    def pools_in_cycles(self, kept):
        """What is told of four pools, each in a cycle; those that find the list empty are kept alive."""
        holders = []

        class Holder:
            def __init__(self):
                self.me = self
                self.pool = concurrent.futures.ThreadPoolExecutor(1)
                self.pool.submit(int).result()
                if not kept:
                    holders.append(self)

        self.invoke(Holder, 4)
        self.addCleanup(holders.clear)
        return self.counts()

    def test_default_executors_of_closed_loops_are_none(self):
        async def main():
            await asyncio.get_running_loop().run_in_executor(None, int)

        self.invoke(lambda: asyncio.run(main()), 5)
        self.assertEqual(self.counts(), [0] * 5)

    def test_service_threads_that_run_loops_are_told_as_loops(self):
        loops = []

        def work():
            loop = self.new_loop()
            loops.append(loop)
            self.start(loop.run_forever)

        self.invoke(work, 4)
        for loop in loops:
            loop.call_soon_threadsafe(loop.stop)
        for thread in self.started:
            thread.join(10)
        for loop in loops:
            loop.close()
        self.assertEqual(self.counts(), [0] * 4)

    def test_a_half_made_thread_does_no_harm(self):
        class Half(threading.Thread):
            def __init__(self):
                pass

        def work():
            with self.assertRaises(RuntimeError):
                Half().start()

        self.invoke(work)

    def test_threads_that_wait_for_jobs(self):
        queues = []

        def work():
            jobs = queue.Queue()
            queues.append(jobs)
            self.start(jobs.get)

        self.invoke(work, 3)
        for jobs in queues:
            jobs.put(None)
        self.assertEqual(self.counts(), [0, 0, 1])


class ChildTests(InvocationTestCase):
    KINDS = ("child-left",)

    def setUp(self):
        super().setUp()
        self.children = []
        self.addCleanup(self.end_children)

    def end_children(self):
        for child in self.children:
            child.kill()
            child.wait()

    def start(self, *command):
        self.children.append(subprocess.Popen(command or ("sleep", "30")))

    def test_children_of_one_line_pile_up(self):
        self.invoke(self.start, 3)
        self.assertEqual(self.counts(), [0, 1, 1])
        event = self.told[1][0]
        self.assert_at(event, self.start.__func__.__code__.co_firstlineno + 1, __file__)
        self.assertEqual((event["detail"], event["value"]), ("sleep", self.children[1].pid))

    def test_one_helper_is_none(self):
        self.invoke(self.start)
        self.invoke(lambda: None, 4)
        self.assertEqual(self.counts(), [0] * 5)

    def test_a_helper_that_is_started_anew_when_it_has_died_is_none(self):
        def work():
            if self.children:
                self.children[-1].kill()
                self.children[-1].wait()
            self.start()

        self.invoke(work, 2)
        self.assertEqual(self.counts(), [0] * 2)

    def test_children_that_are_waited_for_are_none(self):
        self.invoke(lambda: subprocess.run(["true"], check=True), 4)
        self.assertEqual(self.counts(), [0] * 4)

    def test_nobody_loses_a_child(self):
        self.invoke(lambda: self.start("true"), 2)
        self.assertEqual([child.wait() for child in self.children], [0, 0])

    def test_zombies(self):
        pids = []

        def work():
            pid = os.fork()
            if not pid:
                os._exit(0)
            pids.append(pid)
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)

        self.invoke(work, 3)
        self.assertEqual(self.counts(), [0, 0, 1])
        self.assertEqual(self.told[2][0]["flags"], facts.HAS_EXITED)
        for pid in pids:
            self.assertEqual(os.waitpid(pid, 0)[0], pid)

    def test_a_child_whose_loop_is_closed(self):
        async def main():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                return await asyncio.create_subprocess_exec("sleep", "30")

        kept = []

        def work():
            kept.append(self.run_on_a_loop(main))

        self.prepare_watcher()
        self.invoke(work)
        for process in kept:
            os.kill(process.pid, signal.SIGKILL)
            if self.new_loop is not asyncio.SelectorEventLoop:
                os.waitpid(process.pid, 0)
        self.assertEqual(self.counts(), [1])
        self.assertEqual(self.told[0][0]["flags"], facts.LOOP_IS_GONE)
        self.assert_at(self.told[0][0], main.__code__.co_firstlineno + 3, __file__)

    def test_a_child_that_is_awaited_is_none(self):
        async def main():
            process = await asyncio.create_subprocess_exec("true")
            await process.wait()

        self.prepare_watcher()
        self.invoke(lambda: self.run_on_a_loop(main), 4)
        self.assertEqual(self.counts(), [0] * 4)

    def prepare_watcher(self):
        warnings.simplefilter("ignore", ResourceWarning)
        self.addCleanup(warnings.resetwarnings)

    def test_pool_of_processes_that_is_shut_down_is_none(self):
        def work():
            with concurrent.futures.ProcessPoolExecutor(1) as pool:
                self.assertEqual(pool.submit(int).result(), 0)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            self.invoke(work, 3)
        self.assertEqual(self.counts(), [0] * 3)


class DescriptorTests(InvocationTestCase):
    KINDS = ("descriptors",)

    def setUp(self):
        super().setUp()
        self.kept = []
        self.addCleanup(lambda: [each.close() for each in self.kept])

    def open(self):
        self.kept.append(open(os.devnull))

    def test_files_that_are_kept(self):
        self.invoke(self.open, 6)
        self.assertEqual(self.counts(), [0, 0, 0, 0, 1, 1])
        event = self.told[4][0]
        self.assert_at(event, self.open.__func__.__code__.co_firstlineno + 1, __file__)
        self.assertEqual((event["detail"], event["flags"]), ("files", 0))
        self.assertEqual(event["value"], len(os.listdir("/proc/self/fd")) - 2)

    def test_a_pool_that_fills_and_is_full(self):
        def work():
            if len(self.kept) < 4:
                self.open()

        self.invoke(work, 12)
        self.assertEqual(self.counts(), [0] * 12)

    def test_what_is_closed_is_none(self):
        def work():
            with open(os.devnull):
                pass

        self.invoke(work, 8)
        self.assertEqual(self.counts(), [0] * 8)

    def test_sockets_need_more(self):
        server = socket.create_server(("127.0.0.1", 0))
        self.kept.append(server)
        self.watch.probe.loaded()

        def work():
            self.kept.append(socket.create_connection(server.getsockname()))

        self.invoke(work, 8)
        self.assertEqual(self.counts(), [0] * 6 + [1] * 2)
        self.assertEqual(self.told[6][0]["detail"], "sockets")
        self.assert_at(self.told[6][0], work.__code__.co_firstlineno + 1, __file__)

    def test_without_a_line_it_is_the_handlers(self):
        def handler():
            self.pairs += [os.memfd_create("growth")] if hasattr(os, "memfd_create") else []

        self.pairs = []
        self.watch.probe.loaded(handler)
        self.invoke(handler, 5)
        for each in self.pairs:
            os.close(each)
        self.assertEqual(self.counts(), [0, 0, 0, 0, 1])
        self.assertEqual(self.told[4][0]["flags"], facts.LINE_IS_HANDLERS)
        self.assert_at(self.told[4][0], handler.__code__.co_firstlineno, __file__)


class ConnectionTests(InvocationTestCase):
    KINDS = ("resource-unclosed",)

    def setUp(self):
        super().setUp()
        self.server = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.server.close)
        self.port = self.server.getsockname()[1]
        warnings.simplefilter("ignore", ResourceWarning)
        self.addCleanup(warnings.resetwarnings)

    async def connect(self):
        return await asyncio.open_connection("127.0.0.1", self.port)

    LINE = connect.__code__.co_firstlineno + 1

    def test_left_open(self):
        self.invoke(lambda: self.run_on_a_loop(self.connect), 2)
        self.assertEqual(self.counts(), [1, 1])
        self.assert_at(self.told[0][0], self.LINE, __file__)
        self.assertEqual(self.told[0][0]["detail"], "connection")

    def test_closed(self):
        async def main():
            _, writer = await self.connect()
            writer.close()
            await writer.wait_closed()

        self.invoke(lambda: self.run_on_a_loop(main), 3)
        self.assertEqual(self.counts(), [0] * 3)

    def test_being_closed(self):
        async def main():
            _, writer = await self.connect()
            writer.close()

        self.invoke(lambda: self.run_on_a_loop(main), 3)
        self.assertEqual(self.counts(), [0] * 3)

    def test_accepted_ones_are_nobodys(self):
        async def main():
            served = []

            async def serve(reader, writer):
                served.append(writer)

            server = await asyncio.start_server(serve, "127.0.0.1", 0)
            _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            while not served:  # noqa: ASYNC110 - the server calls it when it likes
                await asyncio.sleep(0)
            writer.close()
            server.close()
            return served

        self.invoke(lambda: self.run_on_a_loop(main), 2)
        self.assertEqual(self.counts(), [0] * 2)

    def test_a_kept_loop_keeps_its_connections(self):
        loop = self.new_loop()
        kept = []
        self.invoke(lambda: kept.append(loop.run_until_complete(self.connect())), 2)
        self.invoke(lambda: None)
        self.assertEqual(self.counts(), [0] * 3)
        for _, writer in kept:
            writer.close()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


class SignalTests(InvocationTestCase):
    KINDS = ("signal-off-main",)

    def in_thread(self, function):
        thread = threading.Thread(target=function)
        thread.start()
        thread.join()

    def swallow(self):
        try:
            signal.signal(signal.SIGUSR1, signal.SIG_DFL)
        except ValueError:
            pass

    def test_refused_and_swallowed(self):
        self.invoke(lambda: self.in_thread(self.swallow))
        self.assertEqual(self.counts(), [1])
        self.assert_at(self.told[0][0], self.swallow.__func__.__code__.co_firstlineno + 2, __file__)

    def test_in_the_main_thread(self):
        self.invoke(self.swallow)
        self.assertEqual(self.counts(), [0])

    def test_refused_for_another_reason(self):
        def work():
            with self.assertRaises(ValueError):
                signal.signal(9999, signal.SIG_DFL)

        self.invoke(work)
        self.assertEqual(self.counts(), [0])

    def test_on_a_loop(self):
        async def main():
            try:
                asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, print)
            except (RuntimeError, ValueError):
                pass

        self.invoke(lambda: self.in_thread(lambda: self.run_on_a_loop(main)))
        self.assertEqual([event["detail"] for event in self.told[0]], ["loop.add_signal_handler()"])

    def test_asyncio_run_in_a_thread_asks_for_none(self):
        async def main():
            pass

        self.invoke(lambda: self.in_thread(lambda: asyncio.run(main())))
        self.assertEqual(self.counts(), [0])


class CrossingTests(InvocationTestCase):
    KINDS = ("cross-thread-call",)

    def setUp(self):
        super().setUp()
        self.watch.probe.uninstall()
        self.watch = Watch(is_deep=True)
        self.watch.probe.install()
        self.addCleanup(self.watch.probe.uninstall)

    def seen(self, main):
        self.invoke(lambda: self.run_on_a_loop(main))
        return [event["detail"] for event in self.told[-1]]

    def test_unsafe_calls(self):
        async def main():
            loop = asyncio.get_running_loop()
            future = loop.create_future()
            future.add_done_callback(lambda _: None)
            await loop.run_in_executor(None, loop.call_soon, int)
            await loop.run_in_executor(None, lambda: loop.call_later(0.01, int))
            await loop.run_in_executor(None, lambda: future.set_result(None))

        seen = self.seen(main)
        self.assertIn("call_later", seen)
        self.assertIn("set_result", seen)

    def test_safe_calls(self):
        async def nothing():
            pass

        async def main():
            loop = asyncio.get_running_loop()
            future = loop.create_future()

            def work():
                loop.call_soon_threadsafe(future.set_result, None)
                asyncio.run_coroutine_threadsafe(nothing(), loop).result(5)
                with self.new_loop_closed() as other:
                    other.call_soon(int)

            await loop.run_in_executor(None, work)
            await future

        self.assertEqual(self.seen(main), [])

    def new_loop_closed(self):
        import contextlib

        return contextlib.closing(self.new_loop())

    def test_a_loop_made_here_and_run_there(self):
        loop = self.new_loop()

        def work():
            loop.call_soon(loop.stop)
            thread = threading.Thread(target=loop.run_forever)
            thread.start()
            thread.join()
            loop.close()

        self.invoke(work)
        self.assertEqual(self.counts(), [0])

    def test_not_in_normal_mode(self):
        self.watch.probe.uninstall()
        self.watch = Watch()
        self.watch.probe.install()
        self.addCleanup(self.watch.probe.uninstall)
        self.told = []

        async def main():
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(None, loop.call_soon, int)

        self.assertEqual(self.seen(main), [])


class WindowsTests(InvocationTestCase):
    KINDS = ("not-on-windows",)

    def handle(self, loop):
        loop.add_signal_handler(signal.SIGUSR1, print)
        loop.remove_signal_handler(signal.SIGUSR1)

    def seen(self, function):
        loop = self.new_loop()
        self.invoke(lambda: function(loop))
        loop.close()
        return [(event["detail"], event["site"]["line"]) for event in self.told[-1]]

    def test_unguarded_is_told_once(self):
        line = self.handle.__func__.__code__.co_firstlineno + 1
        self.assertEqual(self.seen(self.handle), [("loop.add_signal_handler()", line)])
        self.assertEqual(self.seen(self.handle), [])

    def test_guarded_by_a_condition(self):
        def work(loop):
            if sys.platform != "win32":
                loop.add_signal_handler(signal.SIGUSR1, print)
                loop.remove_signal_handler(signal.SIGUSR1)

        self.assertEqual(self.seen(work), [])

    def test_guarded_by_an_early_return(self):
        def work(loop):
            if os.name == "nt":
                return
            loop.add_signal_handler(signal.SIGUSR1, print)
            loop.remove_signal_handler(signal.SIGUSR1)

        self.assertEqual(self.seen(work), [])

    def test_guarded_by_an_except(self):
        def work(loop):
            try:
                loop.add_signal_handler(signal.SIGUSR1, print)
                loop.remove_signal_handler(signal.SIGUSR1)
            except NotImplementedError:
                pass

        self.assertEqual(self.seen(work), [])

    def test_guarded_by_its_caller(self):
        def add(loop):
            loop.add_signal_handler(signal.SIGUSR1, print)
            loop.remove_signal_handler(signal.SIGUSR1)

        def work(loop):
            if sys.platform.startswith("linux"):
                add(loop)

        self.assertEqual(self.seen(work), [])

    def test_a_caller_that_catches_everything_guards_nothing(self):
        def add(loop):
            loop.add_signal_handler(signal.SIGUSR1, print)
            loop.remove_signal_handler(signal.SIGUSR1)

        def work(loop):
            try:
                add(loop)
            except Exception:
                raise

        self.assertEqual(len(self.seen(work)), 1)

    def test_processes_are_none(self):
        self.assertEqual(self.seen(lambda _: subprocess.run(["true"], check=True)), [])

    def test_pipes_of_the_loops_own_processes_are_none(self):
        async def main():
            child = await asyncio.create_subprocess_exec("cat", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            await child.communicate(b"text")

        def work(loop):
            asyncio.set_event_loop(loop)  # whose child watcher is asked for on 3.8
            try:
                loop.run_until_complete(main())
            finally:
                asyncio.set_event_loop(None)

        self.assertEqual(self.seen(work), [])

    def test_unix_sockets(self):
        async def main():
            with tempfile.TemporaryDirectory() as folder:
                server = await asyncio.start_unix_server(print, os.path.join(folder, "socket"))
                server.close()

        self.assertEqual(
            self.seen(lambda loop: loop.run_until_complete(main())),
            [("loop.create_unix_server()", main.__code__.co_firstlineno + 2)],
        )


def _on_uvloop(cls):
    """The same tests on uvloop."""

    def new_loop():
        import uvloop

        return uvloop.new_event_loop()

    return needs_uvloop(type(cls.__name__ + "OnUvloop", (cls,), {"new_loop": staticmethod(new_loop)}))


ChildTestsOnUvloop = _on_uvloop(ChildTests)
ConnectionTestsOnUvloop = _on_uvloop(ConnectionTests)
SignalTestsOnUvloop = _on_uvloop(SignalTests)
CrossingTestsOnUvloop = _on_uvloop(CrossingTests)
WindowsTestsOnUvloop = _on_uvloop(WindowsTests)


if __name__ == "__main__":
    unittest.main()
