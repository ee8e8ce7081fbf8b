"""Each kind of event, with the line that it blames, for asyncio's loops and, where installed, uvloop's."""

import asyncio
import functools
import gc
import inspect
import threading
import unittest
import warnings

from watching import HAS_UVLOOP, WatchingTestCase, here, needs_uvloop

if HAS_UVLOOP:
    import uvloop

CREATED, CLOSED, USED = "loop-created", "loop-closed", "used-after-close"


async def nothing():
    """Does nothing."""


class LifecycleTests(WatchingTestCase):
    def setUp(self):
        super().setUp()
        self.addCleanup(asyncio.set_event_loop, None)

    def new_loop(self):
        loop = asyncio.SelectorEventLoop()
        self.addCleanup(loop.close)
        return loop

    def assert_here(self, event, line):
        self.assert_at(event, line, __file__)

    def test_creation_is_seen_with_class_descriptors_and_line(self):
        loop, line = asyncio.SelectorEventLoop(), here()
        self.addCleanup(loop.close)
        event = self.only(CREATED)
        self.assert_here(event, line)
        self.assertEqual((event["detail"], event["value"]), ("asyncio.unix_events._UnixSelectorEventLoop", 3))
        self.assertEqual(event["flags"], 0)
        self.assertEqual(event["thread"], "MainThread")

    def test_serials_are_never_reused(self):
        for _ in range(3):
            self.new_loop().close()
        gc.collect()
        self.assertEqual([event["loop"] for event in self.watch.events(CREATED)], [1, 2, 3])

    def test_slot_is_seen_being_set_and_cleared(self):
        loop = self.new_loop()
        asyncio.set_event_loop(loop)
        asyncio.set_event_loop(None)
        line = here(-2)
        set_, cleared = self.watch.events("slot-set")
        self.assertEqual((set_["loop"], cleared["loop"]), (1, None))
        self.assert_here(set_, line)
        self.assert_here(cleared, line + 1)

    def test_run_is_seen_from_begin_to_end(self):
        loop = self.new_loop()
        loop.run_until_complete(nothing())
        line = here(-1)
        begun, ended = self.watch.events("run-begun", "run-ended")
        self.assertEqual((begun["event"], ended["event"], begun["loop"]), ("run-begun", "run-ended", 1))
        self.assert_here(begun, line)
        self.assert_here(ended, line)
        self.assertLessEqual(begun["atNs"], ended["atNs"])

    def test_explicit_stop_is_seen_and_the_one_of_run_until_complete_is_not(self):
        loop = self.new_loop()
        loop.run_until_complete(nothing())
        self.assertEqual(self.watch.events("loop-stopped"), [])

        def stop():
            loop.stop()

        loop.call_soon(stop)
        loop.run_forever()
        self.assert_here(self.only("loop-stopped"), here(-4))

    def test_stop_under_asyncio_run_is_seen(self):
        async def main():
            asyncio.get_running_loop().stop()

        asyncio.run(main())
        self.assert_here(self.only("loop-stopped"), here(-3))

    def test_asyncgens_and_executor_shutdown_are_seen(self):
        loop = self.new_loop()
        loop.run_until_complete(loop.shutdown_asyncgens())
        self.assert_here(self.only("asyncgens-shutdown"), here(-1))
        if hasattr(loop, "shutdown_default_executor"):
            loop.run_until_complete(loop.shutdown_default_executor())
            self.assert_here(self.only("executor-shutdown"), here(-1))

    def test_first_close_is_seen_and_the_second_is_not(self):
        loop = self.new_loop()
        loop.close()
        loop.close()
        self.assert_here(self.only(CLOSED), here(-2))
        self.assertTrue(loop.is_closed())

    def test_refused_close_of_a_running_loop_is_no_close(self):
        loop = self.new_loop()

        async def close():
            loop.close()

        with self.assertRaises(RuntimeError):
            loop.run_until_complete(close())
        self.assertEqual(self.watch.events(CLOSED), [])

    def test_use_after_close_is_seen_though_swallowed(self):
        loop = self.new_loop()
        loop.close()
        try:
            loop.call_soon(print)
        except Exception:
            pass
        event = self.only(USED)
        self.assert_here(event, here(-4))
        self.assertEqual((event["detail"], event["loop"]), ("call_soon", 1))

    def test_one_use_after_close_is_one_event(self):
        loop = self.new_loop()
        loop.close()
        coroutine = nothing()
        for use in (
            lambda: loop.call_later(1, print),  # calls call_at
            lambda: loop.run_until_complete(coroutine),
            lambda: loop.run_in_executor(None, print),
            lambda: loop.call_soon_threadsafe(print),
        ):
            with self.assertRaises(RuntimeError):
                use()
            self.only(USED)
        coroutine.close()

    def test_the_tombstone_is_what_sees_use_after_close(self):
        """The control: without it, the same program leaves no event."""
        loop = self.new_loop()
        loop.close()
        loop.__class__ = type(loop).__mro__[1]
        with self.assertRaises(RuntimeError):
            loop.call_soon(print)
        self.assertEqual(self.watch.events(USED), [])

    def test_closed_loop_looks_as_before(self):
        loop = self.new_loop()
        before = (type(loop).__name__, type(loop).__qualname__, type(loop).__module__)
        open_text = repr(loop)
        loop.close()
        self.assertEqual((type(loop).__name__, type(loop).__qualname__, type(loop).__module__), before)
        self.assertEqual(repr(loop), open_text.replace("closed=False", "closed=True"))
        with self.assertRaisesRegex(RuntimeError, "^Event loop is closed$"):
            loop.call_soon(print)

    def test_collection_without_close_is_seen_once(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            loop = self.new_loop_without_cleanup()
            del loop
            gc.collect()
        events = self.watch.events("finalized", CLOSED)
        self.assertEqual([event["event"] for event in events][:1], ["finalized"])
        self.assertEqual(len([event for event in events if event["event"] == "finalized"]), 1)
        for closed in events[1:]:
            self.assertTrue(closed["flags"] & 8, closed)

    def new_loop_without_cleanup(self):
        return asyncio.SelectorEventLoop()

    def test_probe_keeps_no_loop_alive(self):
        loop = self.new_loop_without_cleanup()
        loop.close()
        records = self.watch.probe.loops
        del loop
        gc.collect()
        self.assertEqual(records.open(), [])

    def test_probe_keeps_no_loop_alive_by_its_class(self):
        """A class leads to the closures of its methods, and they to what is around them."""

        def make():
            class Mine(asyncio.SelectorEventLoop):
                def around(self):
                    return holder

            holder = [Mine()]
            holder[0].close()

        make()
        gc.collect()
        self.assertEqual(list(self.watch.probe.loops._records), [])

    def test_open_loop_at_the_end_is_reported_until_closed(self):
        loop = self.new_loop()
        self.watch.events()
        self.watch.probe.audit.open_loops()
        event = self.only("open-at-end")
        self.assertEqual((event["loop"], event["flags"], event["site"]), (1, 0, None))
        loop.close()
        self.watch.probe.audit.open_loops()
        self.assertEqual(self.watch.events("open-at-end"), [])

    def test_loop_held_by_a_module_global_is_told_from_a_lost_one(self):
        global held_loop
        held_loop = self.new_loop()
        lost = self.new_loop_without_cleanup()
        holder = [lost]  # a list in a frame is no module global
        self.watch.probe.journal.enter_phase(1, 1)
        self.watch.events()
        self.watch.probe.audit.open_loops()
        events = self.watch.events("open-at-end")
        self.assertEqual([(event["loop"], event["flags"] & 2) for event in events], [(1, 2), (2, 0)])
        holder.pop().close()
        held_loop = None

    def test_loop_that_runs_in_another_thread_is_open_running_and_ran(self):
        loop = self.new_loop()
        running = threading.Event()
        loop.call_soon(running.set)
        thread = threading.Thread(target=loop.run_forever, name="background")
        thread.start()
        running.wait(10)
        self.watch.probe.audit.open_loops()
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        events = self.watch.events()
        (event,) = [event for event in events if event["event"] == "open-at-end"]
        self.assertEqual(event["flags"], 1 | 4)
        (begun,) = [event for event in events if event["event"] == "run-begun"]
        self.assertEqual(begun["thread"], "background")

    def test_slot_left_at_a_closed_loop_is_seen(self):
        loop = self.new_loop()
        asyncio.set_event_loop(loop)
        self.watch.probe.audit.slot()
        self.assertEqual(self.watch.events("slot-left-closed"), [])
        loop.close()
        self.watch.probe.audit.slot()
        self.assertEqual(self.only("slot-left-closed")["loop"], 1)

    def test_asyncio_run_in_full(self):
        asyncio.run(nothing())
        line = here(-1)
        events = self.watch.events()
        kinds = [event["event"] for event in events]
        ended = ["asyncgens-shutdown"]
        if hasattr(asyncio.SelectorEventLoop, "shutdown_default_executor"):  # from 3.9 on
            ended.append("executor-shutdown")
        self.assertEqual(kinds, [CREATED, "slot-set", "run-begun", "run-ended", *ended, "slot-set", CLOSED])
        for event in events:
            self.assert_here(event, line)
            self.assertTrue(event["site"]["via"]["file"].endswith("runners.py"), event)
            self.assertTrue(event["flags"] & 2, event)

    @unittest.skipUnless(hasattr(asyncio.SelectorEventLoop, "shutdown_default_executor"), "from 3.9 on")
    def test_asyncio_run_tells_of_an_executor_that_it_shuts_down(self):
        async def main():
            await asyncio.get_running_loop().run_in_executor(None, int)

        asyncio.run(main())
        self.assert_here(self.only("executor-shutdown"), here(-1))

    def test_what_shuts_down_takes_what_it_takes_unwatched(self):
        loop = self.new_loop()
        for name in ("shutdown_asyncgens", "shutdown_default_executor"):
            method = getattr(loop, name, None)  # the executor's from 3.9 on
            calls = [method] if method else []
            if method and "timeout" in inspect.signature(method).parameters:  # from 3.12 on
                calls += [functools.partial(method, 1), functools.partial(method, timeout=1)]
            for call in calls:
                loop.run_until_complete(call())
                self.assert_here(self.only("asyncgens-shutdown", "executor-shutdown"), here(-1))
                with self.assertRaises(TypeError):
                    call(nonsense=1)
                self.assertEqual(self.watch.events("asyncgens-shutdown", "executor-shutdown"), [])

    def test_a_loop_made_while_asyncio_run_winds_down_is_seen_with_its_own_line(self):
        """Its own runs are silent then, but not what the user's code does in them."""

        async def main():
            async def cleaning_up():
                try:
                    yield
                finally:
                    asyncio.SelectorEventLoop().close()

            generator = cleaning_up()
            self.addCleanup(lambda: generator)
            await generator.__anext__()

        line = here(-6)
        asyncio.run(main())
        events = self.watch.events()
        mine = [event for event in events if event["loop"] == 2]
        self.assertEqual([event["event"] for event in mine], [CREATED, CLOSED])
        for event in mine:
            self.assert_here(event, line)
        self.assertEqual([event["event"] for event in events][-2:], ["slot-set", CLOSED])

    def test_asyncio_run_from_changing_lines(self):
        """What is remembered of one line must not be told of another."""
        lines = []
        for _ in range(3):
            asyncio.run(nothing())
            asyncio.run(nothing()); lines += [here(-1), here()]  # fmt: skip  # noqa: E702
        self.assertEqual([event["site"]["line"] for event in self.watch.events(CREATED)], lines)

    def test_code_inside_asyncio_run_is_not_taken_for_its_caller(self):
        async def main():
            asyncio.SelectorEventLoop().close()

        line = here(-2)
        asyncio.run(main())
        events = [event for event in self.watch.events(CREATED, CLOSED) if event["loop"] == 2]
        self.assertEqual(len(events), 2)
        for event in events:
            self.assert_here(event, line)
            self.assertEqual(event["flags"], 0)

    def test_use_after_close_inside_a_coroutine_names_the_coroutine(self):
        dead = self.new_loop()
        dead.close()

        async def main():
            try:
                dead.call_soon(print)
            except RuntimeError:
                pass

        asyncio.run(main())
        self.assert_here(self.only(USED), here(-5))

    def test_double_init_and_subclasses_are_one_loop(self):
        class Mine(asyncio.SelectorEventLoop):
            def close(self):
                super().close()
                self.closed_by_me = True

        loop = Mine()
        loop.close()
        self.assertTrue(loop.closed_by_me)
        created, closed = self.watch.events()
        self.assertTrue(created["detail"].endswith("Mine"))
        self.assert_here(closed, here(-8))


class ImplicitLoopTests(WatchingTestCase):
    @unittest.skipIf(not hasattr(asyncio, "AbstractEventLoopPolicy"), "no policies")
    def test_get_event_loop_makes_loops_implicitly_and_warns_for_the_callers_line(self):
        asyncio.set_event_loop_policy(None)
        self.addCleanup(asyncio.set_event_loop_policy, None)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                loop, line = asyncio.get_event_loop(), here()
            except RuntimeError:
                self.skipTest("get_event_loop makes no loops from 3.14 on")
        self.addCleanup(loop.close)
        for warning in caught:
            self.assertEqual((warning.filename, warning.lineno), (__file__, line))
        events = self.watch.events(CREATED, "slot-set")
        self.assertEqual([event["flags"] for event in events], [1, 1])
        for event in events:
            self.assert_at(event, line, __file__)


@needs_uvloop
class UvloopTests(WatchingTestCase):
    def assert_here(self, event, line):
        self.assert_at(event, line, __file__)

    def test_life_of_a_loop(self):
        loop, line = uvloop.new_event_loop(), here()
        loop.run_until_complete(nothing())
        loop.close()
        created, begun, ended, closed = self.watch.events()
        self.assertEqual(
            [event["event"] for event in (created, begun, ended, closed)],
            [CREATED, "run-begun", "run-ended", CLOSED],
        )
        self.assertEqual((created["detail"], created["value"]), ("uvloop.Loop", 5))
        for event, offset in ((created, 0), (begun, 1), (ended, 1), (closed, 2)):
            self.assert_here(event, line + offset)

    def test_use_after_close_is_seen_though_swallowed(self):
        loop = uvloop.new_event_loop()
        loop.close()
        coroutine = nothing()
        for use in (
            lambda: loop.call_soon(print),
            lambda: loop.call_later(1, print),
            lambda: loop.run_until_complete(coroutine),
            lambda: loop.create_task(coroutine),
        ):
            try:
                use()
            except RuntimeError:
                pass
            self.only(USED)
        coroutine.close()

    def test_slot_with_uvloops_policy(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
            self.addCleanup(asyncio.set_event_loop_policy, None)
        loop = asyncio.new_event_loop()
        self.addCleanup(loop.close)
        asyncio.set_event_loop(loop)
        event = self.only("slot-set")
        self.assert_here(event, here(-2))
        self.assertEqual(event["loop"], 1)
        loop.close()
        self.watch.probe.audit.slot()
        self.only("slot-left-closed")

    def test_explicit_stop_is_told_from_uvloops_own(self):
        loop = uvloop.new_event_loop()
        self.addCleanup(loop.close)

        async def stop():
            loop.stop()

        loop.run_until_complete(nothing())
        self.assertEqual(self.watch.events("loop-stopped"), [])
        loop.run_until_complete(stop())
        self.assert_here(self.only("loop-stopped"), here(-5))

    def test_uvloop_run_is_by_runner_and_stops_silently(self):
        uvloop.run(nothing())
        line = here(-1)
        events = self.watch.events()
        self.assertNotIn("loop-stopped", [event["event"] for event in events])
        for event in events:
            if event["event"] in (CREATED, CLOSED):
                self.assertTrue(event["flags"] & 2, event)
            self.assert_here(event, line)

    def test_collection_without_close_is_seen(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            loop = uvloop.new_event_loop()
            del loop
            gc.collect()
        self.assertEqual(self.watch.kinds(), [CREATED, "finalized"])


if __name__ == "__main__":
    unittest.main()
