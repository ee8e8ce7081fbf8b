"""Tasks that are left, lost, failed unseen or deaf to cancellation, calls never awaited, and what ends the process."""

import asyncio
import contextlib
import gc
import sys
import threading
import unittest
import warnings
import weakref

from watching import Watch, WatchingTestCase, needs_uvloop  # first: makes the sources importable

from loopwarden_probe import facts  # isort: skip

background = set()


def line_of(function, offset):
    return function.__code__.co_firstlineno + offset


class TaskTestCase(WatchingTestCase):
    def setUp(self):
        super().setUp()
        self.ordinal = -1
        self.addCleanup(background.clear)

    def invoke(self, function, *arguments, expected=None):
        """Calls it as the worker calls a handler on a bare host; returns the events of observations."""
        probe = self.watch.probe
        self.ordinal += 1
        probe.journal.enter_phase(facts.INVOCATION, self.ordinal)
        probe.waking()
        error = None
        try:
            function(*arguments)
        except BaseException as raised:
            if expected is None or not isinstance(raised, expected):
                raise
            error = raised
        probe.returned(error)
        del error
        probe.ended()
        probe.journal.leave_phase()
        probe.journal.enter_phase(facts.BETWEEN)
        return self.observations()

    def observations(self):
        return self.watch.events(*OBSERVATIONS)


OBSERVATIONS = (
    "task-left-at-close",
    "task-destroyed",
    "never-awaited",
    "exception-never-retrieved",
    "task-unfinished",
    "task-resumed",
    "cancel-swallowed",
    "exit-escaped",
    "probe-failed",
    "hook-missing",
)


def lines(events):
    return [(each["event"], each["site"] and each["site"]["line"]) for each in events]


async def work():
    await asyncio.sleep(30)  # here


WAITS = line_of(work, 1)


async def quick():
    await asyncio.sleep(0)


class UnfinishedTests(TaskTestCase):
    def test_a_task_that_asyncio_run_cancels(self):
        async def main():
            background.add(asyncio.ensure_future(work()))
            await asyncio.sleep(0)

        events = self.invoke(lambda: asyncio.run(main()))
        self.assertEqual(lines(events), [("task-unfinished", WAITS)])
        self.assertEqual(events[0]["flags"], facts.CANCELLED_BY_RUNNER)
        self.assertEqual(events[0]["detail"], "work")

    def test_a_task_made_at_the_very_end(self):
        async def main():
            asyncio.ensure_future(work())

        self.assertEqual(lines(self.invoke(lambda: asyncio.run(main()))), [("task-unfinished", WAITS)])

    def test_a_task_in_wait_for(self):
        async def main():
            background.add(asyncio.ensure_future(asyncio.wait_for(work(), 60)))
            await asyncio.sleep(0.01)

        self.assertEqual(lines(self.invoke(lambda: asyncio.run(main()))), [("task-unfinished", WAITS)])

    def test_one_line_is_told_once_and_only_the_outermost_task(self):
        async def parent():
            await asyncio.gather(work(), work())

        async def main():
            background.update(asyncio.ensure_future(parent()) for _ in range(3))
            await asyncio.sleep(0)
            await asyncio.sleep(0)

        self.assertEqual(lines(self.invoke(lambda: asyncio.run(main()))), [("task-unfinished", line_of(parent, 1))])

    def test_what_is_done_cancelled_or_awaited_is_no_fault(self):
        async def done():
            tasks = [asyncio.ensure_future(quick()) for _ in range(3)]
            await asyncio.sleep(0.01)
            return tasks

        async def cancelled():
            for awaitable in (work(), asyncio.wait_for(work(), 60), asyncio.gather(work(), work())):
                task = asyncio.ensure_future(awaitable)
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                task.cancel()
            asyncio.ensure_future(work()).cancel()

        async def awaited():
            await asyncio.gather(quick(), quick())
            await asyncio.wait_for(quick(), 1)
            await asyncio.wait([asyncio.ensure_future(quick())])

        for function in (done, cancelled, awaited):
            with self.subTest(function.__name__):
                self.assertEqual(self.invoke(lambda function=function: asyncio.run(function())), [])

    def test_what_an_error_leaves_behind_is_not_told(self):
        async def fails():
            raise ValueError("of the tests")

        async def main():
            await asyncio.gather(work(), fails())

        self.assertEqual(self.invoke(lambda: asyncio.run(main()), expected=ValueError), [])

        def swallows():
            with contextlib.suppress(ValueError):
                asyncio.run(main())

        self.assertEqual(self.invoke(swallows), [])

    def test_a_run_within_an_except_block_is_no_failing_run(self):
        async def main():
            asyncio.ensure_future(work())

        def handler():
            try:
                raise LookupError
            except LookupError:
                asyncio.run(main())

        self.assertEqual(lines(self.invoke(handler)), [("task-unfinished", WAITS)])

    def test_what_gather_leaves_behind_when_its_error_is_dealt_with(self):
        async def fails():
            raise ValueError("of the tests")

        async def main():
            with contextlib.suppress(ValueError):
                await asyncio.gather(work(), fails())

        self.assertEqual(self.invoke(lambda: asyncio.run(main())), [])

    def test_gather_without_await(self):
        async def main():
            background.add(asyncio.gather(work(), quick()))
            await asyncio.sleep(0.01)

        self.assertEqual(lines(self.invoke(lambda: asyncio.run(main()))), [("task-unfinished", WAITS)])

    def test_workers_without_work(self):
        async def worker(queue):
            while True:
                await queue.get()
                queue.task_done()

        async def main():
            queue = asyncio.Queue()
            background.update(asyncio.ensure_future(worker(queue)) for _ in range(3))
            queue.put_nowait(1)
            await queue.join()

        self.assertEqual(self.invoke(lambda: asyncio.run(main())), [])

    def test_connections_of_a_server_are_its_own_business(self):
        async def serve(reader, writer):
            await reader.read()

        async def main():
            server = await asyncio.start_server(serve, "127.0.0.1", 0)
            _, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
            await asyncio.sleep(0.05)
            server.close()
            asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
            asyncio.get_running_loop().call_soon(writer.close)  # the server has not seen it yet

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            self.assertEqual(self.invoke(lambda: asyncio.run(main())), [])

    @unittest.skipUnless(hasattr(asyncio, "TaskGroup"), "TaskGroup is from CPython 3.11 on")
    def test_task_groups_and_timeouts(self):
        async def main():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.01):
                    async with asyncio.TaskGroup() as group:
                        group.create_task(work())
                        group.create_task(quick())
            with contextlib.suppress(BaseExceptionGroup):  # noqa: F821
                async with asyncio.TaskGroup() as group:
                    group.create_task(work())
                    raise ValueError("of the tests")

        self.assertEqual(self.invoke(lambda: asyncio.run(main())), [])

    @needs_uvloop
    def test_uvloop_run(self):
        import uvloop

        async def main():
            background.add(asyncio.ensure_future(work()))
            await asyncio.sleep(0)

        events = self.invoke(lambda: uvloop.run(main()))
        self.assertEqual(lines(events), [("task-unfinished", WAITS)])

    def test_tasks_are_not_kept_alive(self):
        made = []

        async def main():
            made.append(weakref.ref(asyncio.ensure_future(work())))
            await asyncio.sleep(0)

        self.invoke(lambda: asyncio.run(main()))
        gc.collect()
        self.assertIsNone(made[0]())


class KeptLoopTests(TaskTestCase):
    def setUp(self):
        super().setUp()
        self.loop = self.new_loop()
        self.addCleanup(self.close)

    new_loop = staticmethod(asyncio.SelectorEventLoop)

    def close(self):
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()

    def run(self, *arguments):
        if arguments and asyncio.iscoroutine(arguments[0]):
            return self.loop.run_until_complete(arguments[0])
        return super().run(*arguments)

    def test_work_that_each_invocation_leaves(self):
        async def main():
            background.add(asyncio.ensure_future(work()))
            await asyncio.sleep(0)

        first, second, third = (self.invoke(lambda: self.run(main())) for _ in range(3))
        self.assertEqual([each["flags"] for each in first], [facts.LEFT_FROZEN])
        for events in (second, third):
            self.assertEqual(lines(events), [("task-unfinished", WAITS)])
            self.assertEqual(events[0]["flags"], facts.LEFT_FROZEN | facts.LEFT_BEFORE)

    def test_work_that_a_later_invocation_finishes(self):
        async def later():
            await asyncio.sleep(0.01)

        async def main():
            background.add(asyncio.ensure_future(later()))
            await asyncio.sleep(0)

        self.invoke(lambda: self.run(main()))
        self.assertEqual(self.invoke(lambda: None), [])
        (event,) = self.invoke(lambda: self.run(asyncio.sleep(0.03)))
        self.assertEqual(event["event"], "task-resumed")
        self.assert_at(event, line_of(later, 1), __file__)
        self.assertEqual(event["ordinal"], 2)

    def test_a_service_is_no_forgotten_work(self):
        async def serve():
            while background:
                await asyncio.ensure_future(asyncio.sleep(0.001))

        async def main():
            if not background:
                background.add(asyncio.ensure_future(serve()))
            await asyncio.sleep(0.01)

        first = self.invoke(lambda: self.run(main()))
        self.assertEqual([each["flags"] for each in first], [facts.LEFT_FROZEN])
        for _ in range(3):
            self.assertEqual(self.invoke(lambda: self.run(main())), [])

    def test_a_service_that_is_begun_anew(self):
        async def serve():
            await asyncio.sleep(0.01)
            raise LookupError("the service has failed")

        async def main():
            self.loop.set_exception_handler(lambda loop, context: None)
            if not background:
                task = asyncio.ensure_future(serve())
                background.add(task)
                task.add_done_callback(background.discard)
                task.add_done_callback(lambda task: task.exception())
            await asyncio.sleep(0.02 if self.ordinal % 2 else 0)

        for _ in range(6):
            flags = [each["flags"] for each in self.invoke(lambda: self.run(main()))]
            self.assertIn(flags, ([], [facts.LEFT_FROZEN]))

    def test_a_service_of_the_module(self):
        async def start():
            background.add(asyncio.ensure_future(work()))
            await asyncio.sleep(0)

        self.run(start())
        self.assertEqual(self.invoke(lambda: None), [])


@needs_uvloop
class KeptUvloopTests(KeptLoopTests):
    @staticmethod
    def new_loop():
        import uvloop

        return uvloop.new_event_loop()


class ServiceThreadTests(TaskTestCase):
    def setUp(self):
        super().setUp()
        self.loop = asyncio.SelectorEventLoop()
        thread = threading.Thread(target=self.loop.run_forever)
        thread.start()

        def stop():
            for task in asyncio.all_tasks(self.loop):
                self.loop.call_soon_threadsafe(task.cancel)
            self.submit(asyncio.sleep(0.01)).result()
            self.loop.call_soon_threadsafe(self.loop.stop)
            thread.join()
            self.loop.close()

        self.addCleanup(stop)

    def submit(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop)

    def test_what_is_waited_for_is_right(self):
        for _ in range(3):
            self.assertEqual(self.invoke(lambda: self.submit(quick()).result()), [])

    def test_a_service_in_the_thread_is_right(self):
        async def refresh():
            await asyncio.sleep(0.005)

        async def serve():
            while True:
                await asyncio.ensure_future(refresh())

        def handler():
            if not background:
                background.add(self.submit(serve()))
            self.submit(quick()).result()

        self.invoke(handler)
        for _ in range(3):
            self.assertEqual(self.invoke(handler), [])

    def test_work_that_nobody_waits_for_is_told_when_it_happens_again(self):
        def handler():
            self.submit(work())
            self.submit(quick()).result()

        self.assertEqual([each["flags"] for each in self.invoke(handler)], [facts.LEFT_IN_THREAD])
        self.assertEqual([each["flags"] for each in self.invoke(handler)], [facts.LEFT_IN_THREAD | facts.LEFT_BEFORE])


class PendingTests(TaskTestCase):
    def new_loop(self):
        return asyncio.SelectorEventLoop()

    def test_a_loop_is_closed_over_a_pending_task(self):
        async def main():
            background.add(asyncio.ensure_future(work()))
            await asyncio.sleep(0)

        def handler():
            loop = self.new_loop()
            loop.run_until_complete(main())
            loop.close()  # here

        (event,) = self.invoke(handler)
        self.assertEqual(event["event"], "task-left-at-close")
        self.assert_at(event, WAITS, __file__)
        background.clear()
        with contextlib.redirect_stderr(None):
            gc.collect()
        self.assertEqual(self.observations(), [])  # told already

    def test_what_is_cancelled_and_waited_for_is_right(self):
        async def main():
            background.add(asyncio.ensure_future(work()))
            await asyncio.sleep(0)

        def handler():
            loop = self.new_loop()
            loop.run_until_complete(main())
            tasks = asyncio.all_tasks(loop)
            for task in tasks:
                task.cancel()
            loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
            loop.close()

        # That it was unfinished when main() had returned is nobody's business before the answer.
        self.assertEqual(self.invoke(handler), [])

    def test_a_task_is_lost_while_it_waits(self):
        loop = self.new_loop()

        async def lost():
            await loop.create_future()  # of nobody

        async def main():
            asyncio.ensure_future(lost())
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            gc.collect()

        loop.set_exception_handler(lambda loop, context: None)
        with contextlib.closing(loop):
            events = self.invoke(lambda: loop.run_until_complete(main()))
        # Its coroutine may have been taken apart before it: then only the function is known.
        self.assertEqual([each["event"] for each in events], ["task-destroyed"])
        self.assertIn(events[0]["site"]["line"], (line_of(lost, 0), line_of(lost, 1)))


@needs_uvloop
class PendingUvloopTests(PendingTests):
    def new_loop(self):
        import uvloop

        return uvloop.new_event_loop()


class UnawaitedTests(TaskTestCase):
    def silently(self, function):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return self.invoke(function)

    def test_the_call_is_named_where_the_coroutine_is_dropped_at_once(self):
        class Client:
            async def send(self):
                pass

        def statement():
            quick()

        def method():
            Client().send()

        def condition():
            if quick():
                pass

        def broken_lines():
            quick(*())

        def library():
            asyncio.sleep(1)

        for function in (statement, method, condition, broken_lines, library):
            with self.subTest(function.__name__):
                (event,) = self.silently(function)
                self.assertEqual((event["event"], event["flags"]), ("never-awaited", facts.AT_CALL))
                self.assert_at(event, line_of(function, 1), __file__)

    def test_else_the_function_is(self):
        def kept():
            coroutine = quick()
            return bool(coroutine)

        events = self.silently(kept)
        self.assertEqual(lines(events), [("never-awaited", line_of(quick, 0))])
        self.assertEqual(events[0]["flags"], 0)

    def test_once_for_each_invocation(self):
        def handler():
            for _ in range(3):
                quick()

        for _ in range(2):
            self.assertEqual(len(self.silently(handler)), 1)

    def test_what_an_exception_sweeps_off_is_not_told(self):
        def handler():
            return [quick(), int("x")]

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.assertEqual(self.invoke(handler, expected=ValueError), [])

    def test_the_warning_is_raised_as_before(self):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            quick()
        self.assertEqual([str(each.message) for each in caught], ["coroutine 'quick' was never awaited"])
        self.assertEqual(caught[0].filename, __file__)
        self.assertEqual(caught[0].lineno, line_of(type(self).test_the_warning_is_raised_as_before, 3))

    def test_closed_coroutines_are_right(self):
        self.assertEqual(self.silently(lambda: quick().close()), [])


class UnretrievedTests(TaskTestCase):
    def test_a_task_that_fails_unseen(self):
        async def fails():
            raise LookupError("no key at 0x7f001122")

        async def main():
            asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
            asyncio.ensure_future(fails())
            await asyncio.sleep(0.01)

        (event,) = self.invoke(lambda: asyncio.run(main()))
        self.assertEqual(event["event"], "exception-never-retrieved")
        self.assert_at(event, line_of(fails, 1), __file__)
        self.assertEqual(event["detail"], "LookupError: no key at 0x…")

    def test_a_task_that_is_held_is_told_when_its_loop_is_closed_and_once(self):
        async def fails():
            raise LookupError("held")

        async def main():
            background.add(asyncio.ensure_future(fails()))
            await asyncio.sleep(0.01)

        def handler():
            loop = asyncio.SelectorEventLoop()
            loop.set_exception_handler(lambda loop, context: None)
            loop.run_until_complete(main())
            loop.close()

        if sys.version_info < (3, 14):
            self.assertEqual(lines(self.invoke(handler)), [("exception-never-retrieved", line_of(fails, 1))])
            background.clear()
            gc.collect()
            self.assertEqual(self.invoke(lambda: None), [])

    def test_a_task_that_may_be_asked_yet_is_not_told(self):
        async def fails():
            raise LookupError("later")

        async def start():
            background.add(asyncio.ensure_future(fails()))
            await asyncio.sleep(0.01)

        async def finish():
            with contextlib.suppress(LookupError):
                await background.pop()

        with contextlib.closing(asyncio.SelectorEventLoop()) as loop:
            self.assertEqual(self.invoke(lambda: loop.run_until_complete(start())), [])
            self.assertEqual(self.invoke(lambda: loop.run_until_complete(finish())), [])
        gc.collect()
        self.assertEqual(self.observations(), [])

    def test_what_was_looked_at_is_right(self):
        async def fails():
            raise LookupError("seen")

        async def main():
            await asyncio.gather(fails(), fails(), return_exceptions=True)
            task = asyncio.ensure_future(fails())
            await asyncio.wait([task])
            self.assertIsInstance(task.exception(), LookupError)

        self.assertEqual(self.invoke(lambda: asyncio.run(main())), [])

    def test_texts_do_not_fill_the_journal(self):
        async def fails(number):
            raise LookupError("number {}".format(number))

        async def main():
            asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
            for number in range(300):
                asyncio.ensure_future(fails(number))
            await asyncio.sleep(0.01)

        events = self.invoke(lambda: asyncio.run(main()))
        self.assertEqual(len({each["detail"] for each in events}), 201)
        self.assertEqual(events[-1]["detail"], "LookupError")


class SwallowedTests(TaskTestCase):
    def test_a_task_that_goes_on(self):
        async def deaf():
            for _ in range(3):
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.sleep(0.01)

        async def main():
            task = asyncio.ensure_future(deaf())
            background.add(task)
            await asyncio.sleep(0)
            task.cancel()

        events = self.invoke(lambda: asyncio.run(main()))
        self.assertIn(("cancel-swallowed", line_of(deaf, 3)), lines(events))

    def test_a_retry_that_does_not_mind_its_timeout(self):
        async def deaf():
            for _ in range(3):
                try:
                    await asyncio.sleep(0.03)
                except BaseException:
                    continue

        async def waits():
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(deaf(), 0.01)

        functions = [waits]
        if hasattr(asyncio, "timeout"):

            async def times():
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.01):
                        await deaf()

            functions.append(times)
        for function in functions:
            with self.subTest(function.__name__):
                events = self.invoke(lambda function=function: asyncio.run(function()))
                self.assertEqual(lines(events), [("cancel-swallowed", line_of(deaf, 3))])

    def test_what_minds_its_timeout_is_right(self):
        async def cleans_up():
            try:
                await asyncio.sleep(30)
            finally:
                await asyncio.sleep(0.01)

        async def ends():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(30)

        async def nested():
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(cleans_up(), 0.005)
            await asyncio.sleep(0.005)

        async def shielded():
            await asyncio.shield(asyncio.ensure_future(asyncio.sleep(0.03)))

        async def within_itself():
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(asyncio.sleep(30), 0.005)
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(asyncio.sleep(30), 0.005)
            await asyncio.sleep(0.01)

        async def main():
            for function in (work, cleans_up, ends, nested, shielded, within_itself):
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(function(), 0.01)
            await within_itself()
            if hasattr(asyncio, "timeout"):
                for function in (work, cleans_up, ends, nested, shielded, within_itself):
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(0.01):
                            await function()
                    await asyncio.sleep(0.005)

        self.assertEqual(self.invoke(lambda: asyncio.run(main())), [])

    def test_what_ends_cleans_up_or_waits_for_others_is_right(self):
        async def ends():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(30)

        async def cleans_up():
            try:
                await asyncio.sleep(30)
            finally:
                await asyncio.sleep(0.01)

        async def cleans_up_within():
            await cleans_up()

        async def numbers():
            try:
                yield 1
                await asyncio.sleep(30)
            finally:
                await asyncio.sleep(0.01)

        async def of_a_generator():
            async for _ in numbers():
                pass

        async def cancels_its_child():
            child = asyncio.ensure_future(ends())
            await asyncio.sleep(0)
            try:
                await asyncio.sleep(30)
            finally:
                child.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await child
                await asyncio.sleep(0.01)

        async def shields():
            await asyncio.shield(quick())
            await asyncio.gather(ends(), cleans_up())

        functions = [ends, cleans_up, cleans_up_within, of_a_generator, cancels_its_child, shields]
        if hasattr(asyncio, "TaskGroup"):

            async def groups():
                async with asyncio.TaskGroup() as group:
                    group.create_task(cleans_up())
                    group.create_task(ends())

            functions.append(groups)
        for function in functions:
            with self.subTest(function.__name__):

                async def main(function=function):
                    background.add(asyncio.ensure_future(function()))
                    for _ in range(5):
                        await asyncio.sleep(0)

                events = self.invoke(lambda main=main: asyncio.run(main()))
                self.assertNotIn("cancel-swallowed", [each["event"] for each in events])
                self.assertNotIn("probe-failed", [each["event"] for each in events])


class EscapingTests(TaskTestCase):
    def test_what_ends_the_process_is_told_where_it_was_raised(self):
        def leaves():
            sys.exit(0)

        async def leaves_within():
            sys.exit("no")

        async def interrupted():
            await quick()
            raise KeyboardInterrupt

        for function in (leaves, leaves_within, interrupted):
            with self.subTest(function.__name__):
                call = function if function is leaves else lambda function=function: asyncio.run(function())
                (event,) = self.invoke(call, expected=BaseException)
                self.assertEqual(event["event"], "exit-escaped")
                self.assert_at(event, line_of(function, 2 if function is interrupted else 1), __file__)

    def test_a_cancellation(self):
        async def main():
            task = asyncio.ensure_future(work())
            await asyncio.sleep(0)
            task.cancel()
            await task

        (event,) = self.invoke(lambda: asyncio.run(main()), expected=asyncio.CancelledError)
        self.assertEqual((event["event"], event["detail"]), ("exit-escaped", "CancelledError"))

    def test_an_error_is_no_exit(self):
        def fails():
            raise ValueError

        self.assertEqual(self.invoke(fails, expected=ValueError), [])


class DeepTests(unittest.TestCase):
    def test_where_a_task_and_a_coroutine_were_made(self):
        watch = Watch(is_deep=True)
        watch.probe.install()
        self.addCleanup(watch.probe.uninstall)

        async def main():
            task = asyncio.ensure_future(work())
            coroutine = quick()
            await asyncio.sleep(0)
            return task and bool(coroutine)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            asyncio.run(main())
        events = watch.events("related-site", "task-unfinished", "never-awaited")
        made = [each["site"]["line"] for each in events if each["detail"] == "created"]
        self.assertEqual(made, [line_of(main, 1)])
        (dropped,) = [each for each in events if each["event"] == "never-awaited"]
        self.assertEqual(dropped["site"]["line"], line_of(main, 2))
        watch.probe.uninstall()
        self.assertEqual(sys.get_coroutine_origin_tracking_depth(), 0)


if __name__ == "__main__":
    unittest.main()
