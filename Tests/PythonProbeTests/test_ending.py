"""Loops that are ended by who must not, and what outlives its loop: generators and executors."""

import asyncio
import concurrent.futures
import sys
import threading
import unittest

from watching import HAS_UVLOOP, WatchingTestCase, here, needs_uvloop

if HAS_UVLOOP:
    import uvloop

REFUSED, FOREIGN, EXECUTOR, GENERATOR = "close-refused", "foreign-end", "executor-reused", "asyncgen-unclosed"


class EndingTestCase(WatchingTestCase):
    def setUp(self):
        super().setUp()
        self.addCleanup(asyncio.set_event_loop, None)

    def new_loop(self, make=asyncio.SelectorEventLoop):
        loop = make()
        self.addCleanup(loop.close)
        return loop

    def assert_here(self, event, line):
        self.assert_at(event, line, __file__)

    def assert_silent(self, *kinds):
        self.assertEqual(self.watch.events("probe-failed", *kinds), [])


class RefusedCloseTests(EndingTestCase):
    def refuse(self, make):
        loop = self.new_loop(make)

        async def close():
            try:
                loop.close()
            except RuntimeError:
                pass

        loop.run_until_complete(close())
        event = self.only(REFUSED)
        self.assert_here(event, here(-6))
        self.assertEqual(event["loop"], 1)

    def test_closing_the_running_loop_is_told(self):
        self.refuse(asyncio.SelectorEventLoop)

    @needs_uvloop
    def test_closing_the_running_uvloop_is_told(self):
        self.refuse(uvloop.new_event_loop)

    def test_closing_it_from_another_thread_is_told(self):
        loop = self.new_loop()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        while not loop.is_running():
            pass
        with self.assertRaises(RuntimeError):
            loop.close()
        self.assert_here(self.only(REFUSED), here(-1))
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
        self.assert_silent(REFUSED, FOREIGN)


class ForeignCloseTests(EndingTestCase):
    def worker(self, keep):
        """A thread that makes a loop, runs it, and goes on if `keep`; its loop, and what ends it."""
        made, done, end = [], threading.Event(), threading.Event()

        def work():
            loop = asyncio.SelectorEventLoop()
            loop.run_until_complete(asyncio.sleep(0))
            made.append(loop)
            if keep:
                done.set()
                end.wait()
                loop = None

        thread = threading.Thread(target=work)
        thread.start()
        if keep:
            done.wait()
            self.addCleanup(thread.join)
            self.addCleanup(end.set)
        else:
            thread.join()
        return made.pop()

    def test_closing_what_a_living_thread_uses_is_told(self):
        loop = self.worker(keep=True)
        loop.close()
        self.assert_here(self.only(FOREIGN), here(-1))

    def test_closing_after_the_thread_has_ended_is_right(self):
        self.worker(keep=False).close()
        self.assert_silent(FOREIGN)

    def test_a_loop_that_a_pools_thread_hands_over_may_be_closed(self):
        def work():
            loop = asyncio.SelectorEventLoop()
            loop.run_until_complete(asyncio.sleep(0))
            return loop

        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            pool.submit(work).result().close()
            self.assert_silent(FOREIGN)


class ExecutorTests(EndingTestCase):
    def lines(self, events):
        return {event["detail"]: event["site"]["line"] for event in events if event["event"] == "related-site"}

    def test_use_after_shutdown_is_told_with_making_and_shutdown(self):
        pool, made = concurrent.futures.ThreadPoolExecutor(1), here()
        with pool:
            self.assertEqual(pool.submit(int).result(), 0)
        shut = (here(-2), here(-1))
        try:
            pool.submit(int)
        except RuntimeError:
            used = here(-2)
        events = self.watch.events("related-site", EXECUTOR)
        self.assert_here(events[-1], used)
        self.assertEqual(events[-1]["detail"], "concurrent.futures.thread.ThreadPoolExecutor")
        lines = self.lines(events)
        self.assertEqual(lines["created"], made)
        self.assertIn(lines["closed"], shut)  # the with statement; which line of it depends on the version

    def test_process_pool_is_told(self):
        pool = concurrent.futures.ProcessPoolExecutor(1)
        pool.shutdown()
        shut = here(-1)
        with self.assertRaises(RuntimeError):
            pool.submit(int)
        events = self.watch.events("related-site", EXECUTOR)
        self.assert_here(events[-1], here(-2))
        self.assertEqual(self.lines(events)["closed"], shut)

    @unittest.skipIf(sys.version_info < (3, 9), "loops do not shut their executor down")
    def test_default_executor_is_told(self):
        for make in (asyncio.SelectorEventLoop, *([uvloop.new_event_loop] if HAS_UVLOOP else [])):
            with self.subTest(make):
                loop = self.new_loop(make)
                loop.run_until_complete(loop.shutdown_default_executor())
                with self.assertRaises(RuntimeError):
                    loop.run_in_executor(None, int)
                event = self.only(EXECUTOR)
                self.assert_here(event, here(-2))
                self.assertEqual(event["flags"], 1)
                loop.close()

    @unittest.skipIf(sys.version_info < (3, 9), "loops do not shut their executor down")
    def test_executor_that_asyncio_run_has_shut_down(self):
        pool = concurrent.futures.ThreadPoolExecutor(1)

        async def use():
            asyncio.get_running_loop().set_default_executor(pool)
            await asyncio.get_running_loop().run_in_executor(None, int)

        asyncio.run(use())
        shut = here(-1)
        with self.assertRaises(RuntimeError):
            asyncio.run(use())
        events = self.watch.events("related-site", EXECUTOR)
        self.assert_here(events[-1], here(-7))
        self.assertEqual(self.lines(events)["closed"], shut)

    def test_right_use_and_foreign_texts(self):
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            pool.submit(int).result()
        pool.shutdown()
        with self.assertRaises(RuntimeError):
            raise RuntimeError("cannot schedule new futures after shutdown")
        self.assert_silent(EXECUTOR)


class GeneratorTests(EndingTestCase):
    async def numbers(self):
        for number in range(3):
            yield number

    async def take_one(self, generator):
        async for number in generator:
            return number

    loops = (asyncio.SelectorEventLoop, *([uvloop.new_event_loop] if HAS_UVLOOP else []))

    def test_one_that_is_kept_is_told_once(self):
        for make in self.loops:
            with self.subTest(make):
                loop = self.new_loop(make)
                generator = self.numbers()
                loop.run_until_complete(self.take_one(generator))
                loop.close()
                loop.close()
                event = self.only(GENERATOR)
                self.assert_at(event, self.numbers.__func__.__code__.co_firstlineno + 2, __file__)
                self.assertEqual(event["detail"], "numbers")

    def test_one_that_was_dropped_too_late_is_told(self):
        loop = self.new_loop()  # uvloop goes on for long enough to close it
        loop.run_until_complete(self.take_one(self.numbers()))
        loop.close()
        self.only(GENERATOR)

    def test_what_is_closed_or_exhausted_is_right(self):
        async def exhaust(generator):
            return [number async for number in generator]

        async def close(generator):
            await self.take_one(generator)
            await generator.aclose()

        for make in self.loops:
            with self.subTest(make):
                loop = self.new_loop(make)
                kept = [self.numbers() for _ in range(3)]
                loop.run_until_complete(exhaust(kept[0]))
                loop.run_until_complete(close(kept[1]))
                loop.run_until_complete(self.take_one(kept[2]))
                loop.run_until_complete(self.take_one(self.numbers()))
                loop.run_until_complete(asyncio.sleep(0.01))
                loop.run_until_complete(loop.shutdown_asyncgens())
                loop.close()
                self.assert_silent(GENERATOR)

    def test_asyncio_run_closes_them(self):
        kept = self.numbers()
        asyncio.run(self.take_one(kept))
        asyncio.run(self.take_one(self.numbers()))
        self.assert_silent(GENERATOR)


if __name__ == "__main__":
    unittest.main()
