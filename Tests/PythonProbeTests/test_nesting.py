"""A loop that is to run where one runs already: seen once for each attempt, with the coroutine's fate."""

import asyncio
import importlib
import importlib.util
import sys
import threading
import unittest
import warnings

from watching import WatchingTestCase, needs_uvloop  # first: it makes the sources importable

from loopwarden_probe import facts  # isort: skip


def needs(module):
    return unittest.skipUnless(importlib.util.find_spec(module), "{} is not installed".format(module))


async def work():
    await asyncio.sleep(0)
    return "done"


class NestingTests(WatchingTestCase):
    new_loop = staticmethod(asyncio.SelectorEventLoop)

    def setUp(self):
        super().setUp()
        self.loop = self.new_loop()
        self.addCleanup(self.loop.close)
        self.watch.events()

    def run_inside(self, function):
        """Calls it where the loop runs, as an `async def` handler would, and swallows what it raises."""

        async def handler():
            try:
                function()
            except RuntimeError:
                pass

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            self.loop.run_until_complete(handler())
        self.watch.probe.returned()

    def seen(self):
        return [(event["detail"], event["flags"]) for event in self.watch.events("nested-run")]

    def line(self, function):
        return function.__code__.co_firstlineno + 1

    def test_asyncio_run_is_refused(self):
        def nested():
            asyncio.run(work())

        self.run_inside(nested)
        event, lost = self.watch.events("nested-run")
        self.assert_at(event, self.line(nested), __file__)
        self.assertEqual((event["detail"], event["flags"]), ("asyncio.run", facts.MAY_RUN_OTHERWISE))
        self.assertEqual(event["value"], 1)
        self.assertEqual((lost["site"], lost["flags"]), (event["site"], facts.WAS_LOST))

    def test_a_coroutine_that_was_closed_was_not_lost(self):
        def nested():
            coroutine = work()
            try:
                asyncio.run(coroutine)
            except RuntimeError:
                coroutine.close()

        self.run_inside(nested)
        self.assertEqual(self.seen(), [("asyncio.run", facts.MAY_RUN_OTHERWISE)])

    def test_a_coroutine_that_waits_when_the_handler_returns_was_lost(self):
        coroutine = work()
        self.run_inside(lambda: asyncio.run(coroutine))
        self.assertEqual(self.seen(), [("asyncio.run", facts.MAY_RUN_OTHERWISE), ("asyncio.run", facts.WAS_LOST)])
        coroutine.close()

    def test_a_coroutine_that_was_run_in_a_thread_instead_was_not(self):
        coroutine = work()

        def nested():
            try:
                asyncio.run(coroutine)
            except RuntimeError:
                thread = threading.Thread(target=asyncio.run, args=(coroutine,))
                thread.start()
                thread.join()

        self.run_inside(nested)
        self.assertEqual(self.seen(), [("asyncio.run", facts.MAY_RUN_OTHERWISE)])

    def test_a_coroutine_that_was_awaited_instead_was_not(self):
        coroutine = work()
        task = None

        def nested():
            nonlocal task
            try:
                asyncio.run(coroutine)
            except RuntimeError:
                task = asyncio.ensure_future(coroutine)

        async def handler():
            nested()
            await asyncio.sleep(0)

        self.loop.run_until_complete(handler())
        self.watch.probe.returned()
        self.assertEqual(self.seen(), [("asyncio.run", facts.MAY_RUN_OTHERWISE)])
        self.loop.run_until_complete(task)

    @unittest.skipUnless(hasattr(asyncio, "Runner"), "Runner is from CPython 3.11 on")
    def test_a_runner_is_refused(self):
        with asyncio.Runner() as runner:
            coroutine = work()

            def nested():
                runner.run(coroutine)

            self.run_inside(nested)
            event = self.watch.events("nested-run")[0]
            self.assert_at(event, self.line(nested) + 0, __file__)
            self.assertEqual((event["detail"], event["flags"]), ("Runner.run", facts.MAY_RUN_OTHERWISE))
            coroutine.close()

    def test_the_running_loop_cannot_run_again(self):
        task = self.loop.create_task(work())

        def nested():
            self.loop.run_until_complete(task)

        self.run_inside(nested)
        event = self.only("nested-run")
        self.assert_at(event, self.line(nested), __file__)
        self.assertEqual(event["detail"], "run_until_complete")
        self.assertEqual((event["loop"], event["value"]), (1, 1))

    def test_a_coroutine_that_the_running_loop_was_to_run(self):
        coroutine = work()
        self.run_inside(lambda: self.loop.run_until_complete(coroutine))
        is_uvloop = type(self.loop).__module__ == "uvloop"
        expected = (
            [("run_until_complete", facts.RUNS_LATER)]
            if is_uvloop
            else [("run_until_complete", facts.MAY_RUN_OTHERWISE), ("run_until_complete", facts.WAS_LOST)]
        )
        self.assertEqual(self.seen(), expected)
        if is_uvloop:
            self.loop.run_until_complete(asyncio.sleep(0.01))
            self.assertIsNone(coroutine.cr_frame)  # it has run
        coroutine.close()

    def test_run_forever_is_refused(self):
        self.run_inside(self.loop.run_forever)
        self.assertEqual(self.seen(), [("run_forever", 0)])

    def test_another_loop_cannot_run(self):
        other = self.new_loop()
        self.watch.events()
        coroutine = work()

        def nested():
            other.run_until_complete(coroutine)

        self.run_inside(nested)
        events = self.watch.events("nested-run")
        self.assert_at(events[0], self.line(nested), __file__)
        self.assertEqual([event["flags"] for event in events], [facts.MAY_RUN_OTHERWISE, facts.WAS_LOST])
        self.assertEqual((events[0]["loop"], events[0]["value"]), (2, 1))
        other.close()

    def test_a_loop_that_runs_in_another_thread(self):
        started = threading.Event()
        self.loop.call_soon(started.set)
        thread = threading.Thread(target=self.loop.run_forever)
        thread.start()
        started.wait()
        task = None

        def outside():
            self.loop.run_forever()

        with self.assertRaises(RuntimeError):
            outside()
        del task
        event = self.only("nested-run")
        self.assert_at(event, self.line(outside), __file__)
        self.assertEqual((event["detail"], event["flags"]), ("run_forever", facts.RUNS_ELSEWHERE))
        self.loop.call_soon_threadsafe(self.loop.stop)
        thread.join()

    @needs("asgiref")
    def test_async_to_sync_is_refused(self):
        from asgiref.sync import async_to_sync

        def nested():
            async_to_sync(work)()

        self.run_inside(nested)
        event = self.only("nested-run")
        self.assert_at(event, self.line(nested), __file__)
        self.assertEqual((event["detail"], event["flags"]), ("async_to_sync", 0))
        self.assertEqual(event["site"]["via"]["function"].rpartition(".")[2], "__call__")

    @needs("anyio")
    def test_anyio_run_is_refused(self):
        # As anyio.run, which is the earlier probe's where there was one when anyio was imported.
        module = importlib.import_module("anyio._core._eventloop")

        def nested():
            module.run(work)

        self.run_inside(nested)
        event = self.only("nested-run")
        self.assert_at(event, self.line(nested), __file__)
        self.assertEqual((event["detail"], event["flags"]), ("anyio.run", 0))

    @needs_uvloop
    def test_uvloop_run_is_refused(self):
        import uvloop

        coroutine = work()

        def nested():
            uvloop.run(coroutine)

        self.run_inside(nested)
        events = self.watch.events("nested-run")
        self.assert_at(events[0], self.line(nested), __file__)
        self.assertEqual(
            [(event["detail"], event["flags"]) for event in events],
            [("uvloop.run", facts.MAY_RUN_OTHERWISE), ("uvloop.run", facts.WAS_LOST)],
        )
        coroutine.close()

    # -- what is right ----------------------------------------------------------------------------------------------

    def assert_silent(self):
        self.watch.probe.returned()
        self.assertEqual(self.watch.events("nested-run", "probe-failed"), [])

    def test_runs_one_after_the_other_and_in_threads(self):
        asyncio.run(work())
        self.loop.run_until_complete(work())
        thread = threading.Thread(target=asyncio.run, args=(work(),))
        thread.start()
        thread.join()
        self.assert_silent()

    def test_an_application_that_raises_the_same_text(self):
        def nested():
            raise RuntimeError("This event loop is already running")

        self.run_inside(nested)
        self.assert_silent()

    def test_a_wrong_argument(self):
        with self.assertRaises((TypeError, ValueError)):
            asyncio.run(1)
        self.assert_silent()

    @needs("greenback")
    def test_greenback(self):
        import greenback

        async def handler():
            await greenback.ensure_portal()

            def inside():
                return greenback.await_(work())

            return inside()

        self.assertEqual(self.loop.run_until_complete(handler()), "done")
        self.assert_silent()

    @needs("anyio")
    def test_anyios_way_back_from_a_thread(self):
        import anyio
        import anyio.from_thread
        import anyio.to_thread

        async def handler():
            return await anyio.to_thread.run_sync(lambda: anyio.from_thread.run(work))

        self.assertEqual(anyio.run(handler), "done")
        with anyio.from_thread.start_blocking_portal() as portal:
            self.assertEqual(portal.call(work), "done")
        self.assert_silent()

    @needs("asgiref")
    def test_asgirefs_way_back_from_a_thread(self):
        from asgiref.sync import async_to_sync, sync_to_async

        async def handler():
            return await sync_to_async(lambda: async_to_sync(work)())()

        self.assertEqual(self.loop.run_until_complete(handler()), "done")
        self.assertEqual(async_to_sync(work)(), "done")
        self.assert_silent()

    def test_what_is_replaced_is_put_back(self):
        self.watch.probe.uninstall()
        for module in (asyncio.runners, asyncio.base_events, sys.modules.get("uvloop")):
            self.assertNotIn("RuntimeError", vars(module) if module else {})


@needs_uvloop
class UvloopNestingTests(NestingTests):
    @staticmethod
    def new_loop():
        import uvloop

        return uvloop.new_event_loop()


if __name__ == "__main__":
    unittest.main()
