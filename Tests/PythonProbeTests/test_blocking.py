"""Waits for the own loop, and the answers to what the daemon asks of a busy process."""

import asyncio
import concurrent.futures
import os
import signal
import threading
import time
import unittest

from watching import WatchingTestCase, here, needs_uvloop  # first: it makes the sources importable

from loopwarden_probe import facts  # isort: skip
from loopwarden_probe.hooks.advising import sequential_awaits  # isort: skip
from loopwarden_probe.hooks.asking import AskingHook  # isort: skip
from loopwarden_probe.hooks.waiting import waits  # isort: skip
from loopwarden_probe.journal import TURNED_AT, U64  # isort: skip


async def work():
    await asyncio.sleep(0)
    return "done"


class WaitingTests(WatchingTestCase):
    new_loop = staticmethod(asyncio.SelectorEventLoop)

    def setUp(self):
        super().setUp()
        self.loop = self.new_loop()
        self.addCleanup(self.loop.close)
        self.watch.events()

    def run_inside(self, function):
        """Calls it where the loop runs; afterwards what was handed to the loop has its turn."""

        async def handler():
            try:
                return function()
            finally:
                await asyncio.sleep(0.01)

        return self.loop.run_until_complete(handler())

    def seen(self):
        return self.watch.events("own-loop-wait")

    def test_a_wait_for_the_own_loop_is_told_however_it_ends(self):
        def wait():
            future = asyncio.run_coroutine_threadsafe(work(), self.loop)
            self.lines = [here(-1)]
            for method in (future.result, future.exception):
                try:
                    method(timeout=0.01)
                except concurrent.futures.TimeoutError:
                    pass

        self.run_inside(wait)
        first, second = self.seen()
        self.assertEqual([first["detail"], second["detail"]], ["Future.result()", "Future.exception()"])
        self.assertEqual(first["loop"], self.watch.probe.loops.known(id(self.loop)).serial)
        self.assert_at(first, self.lines[0] + 4, __file__)

    def test_the_line_that_handed_it_over_comes_with_it(self):
        def wait():
            future = asyncio.run_coroutine_threadsafe(work(), self.loop)
            self.line = here(-1)
            with self.assertRaises(concurrent.futures.TimeoutError):
                future.result(0.01)

        self.run_inside(wait)
        related, event = self.watch.events("related-site", "own-loop-wait")
        self.assertEqual(related["flags"], facts.OWN_LOOP_WAIT)
        self.assertEqual(related["detail"], "created")
        self.assert_at(related, self.line, __file__)

    def test_a_future_made_elsewhere_and_waited_for_in_the_loop_is_told(self):
        made = []
        thread = threading.Thread(target=lambda: made.append(asyncio.run_coroutine_threadsafe(work(), self.loop)))
        thread.start()
        thread.join()

        def wait():
            with self.assertRaises(concurrent.futures.TimeoutError):
                made[0].result(0.01)

        self.run_inside(wait)
        self.assertEqual(len(self.seen()), 1)

    def test_joining_a_thread_that_waits_for_the_loop_is_told_whoever_comes_first(self):
        for pause_before, pause_inside in ((0.05, 0), (0, 0.05)):
            with self.subTest(pause_before=pause_before):
                others = []

                def other(pause=pause_inside, others=others):
                    time.sleep(pause)
                    future = asyncio.run_coroutine_threadsafe(work(), self.loop)
                    others.append(future)
                    threading.Timer(0.2, future.cancel).start()
                    try:
                        future.result()
                    except concurrent.futures.CancelledError:
                        pass

                def wait(pause=pause_before, other=other):
                    thread = threading.Thread(target=other)
                    thread.start()
                    time.sleep(pause)
                    thread.join()

                self.run_inside(wait)
                (event,) = self.seen()
                self.assertEqual(event["detail"], "Thread.join()")
                self.assertEqual(event["site"]["function"].rpartition(".")[2], "wait")

    def test_what_is_right_is_not_told(self):
        async def ask():
            loop = asyncio.get_running_loop()

            def wait():
                return asyncio.run_coroutine_threadsafe(work(), loop).result(5)

            thread = threading.Thread(target=wait)
            thread.start()
            while thread.is_alive():
                await asyncio.sleep(0.01)
            thread.join()
            future = asyncio.run_coroutine_threadsafe(work(), loop)
            with self.assertRaises(concurrent.futures.TimeoutError):
                future.result(0)  # only looks
            await asyncio.wrap_future(future)
            self.assertEqual(future.result(), "done")
            self.assertIsNone(future.exception())
            idle = threading.Thread(target=time.sleep, args=(0.01,))
            idle.start()
            idle.join()
            return await loop.run_in_executor(None, wait)

        self.assertEqual(self.loop.run_until_complete(ask()), "done")
        self.assertEqual(self.seen(), [])
        self.assertEqual(waits, {})

    def test_another_loop_may_be_waited_for(self):
        service = self.new_loop()
        thread = threading.Thread(target=service.run_forever)
        thread.start()
        try:
            result = self.run_inside(lambda: asyncio.run_coroutine_threadsafe(work(), service).result(5))
        finally:
            service.call_soon_threadsafe(service.stop)
            thread.join()
            service.close()
        self.assertEqual(result, "done")
        self.assertEqual(self.seen(), [])

    def test_the_future_stays_a_future(self):
        async def ask():
            future = asyncio.run_coroutine_threadsafe(work(), asyncio.get_running_loop())
            self.assertIsInstance(future, concurrent.futures.Future)
            self.assertEqual(type(future).__name__, "Future")
            self.assertTrue(repr(future).startswith("<Future at"))
            await asyncio.wrap_future(future)

        self.loop.run_until_complete(ask())


class AskingTests(WatchingTestCase):
    new_loop = staticmethod(asyncio.SelectorEventLoop)

    def setUp(self):
        super().setUp()
        self.loop = self.new_loop()
        self.addCleanup(self.loop.close)
        (self.hook,) = [hook for hook in self.watch.probe.hooks if isinstance(hook, AskingHook)]
        self.watch.events()
        for number, handler in ((54, self.hook.tell_turn), (55, self.hook.tell_tasks)):
            self.addCleanup(signal.signal, number, signal.signal(number, handler))

    def signal_after(self, number, seconds=0.05):
        timer = threading.Timer(seconds, os.kill, (os.getpid(), number))
        timer.start()
        self.addCleanup(timer.join)

    def turned_at(self):
        return U64.unpack_from(self.watch.probe.journal._buffer, TURNED_AT)[0]

    def test_an_idle_loop_turns_at_once_and_a_blocked_one_when_it_is_free(self):
        async def idle():
            self.signal_after(54)
            await asyncio.sleep(0.2)
            return time.monotonic_ns() - self.turned_at()

        async def blocked():
            self.signal_after(54)
            time.sleep(0.2)
            return self.turned_at()

        self.assertGreater(self.loop.run_until_complete(idle()), 50_000_000)
        before = self.turned_at()
        self.assertEqual(self.loop.run_until_complete(blocked()), before)
        self.loop.run_until_complete(asyncio.sleep(0))
        self.assertGreaterEqual(self.turned_at(), before)

    def test_nothing_happens_without_a_loop(self):
        for number in (54, 55):
            os.kill(os.getpid(), number)
        self.assertEqual(self.watch.events("await-pending", "probe-failed"), [])

    def test_each_task_tells_where_it_waits_and_for_whom(self):
        async def answer(event):
            await event.wait()

        async def beat():
            while True:
                await asyncio.sleep(0.05)

        async def main():
            event = asyncio.Event()
            heart = asyncio.ensure_future(beat())
            self.signal_after(55)
            asyncio.get_running_loop().call_later(0.2, event.set)
            await asyncio.gather(answer(event), answer(event))
            heart.cancel()

        self.loop.run_until_complete(main())
        found = self.watch.events("await-pending")
        # On a machine that is short of CPU the beat may be under way just then.
        told = sorted((event["detail"].rpartition(".")[2], event["flags"] & ~facts.LOOP_IS_BUSY) for event in found)
        self.assertEqual(told, [("answer", 0), ("answer", 0), ("beat", 4), ("main", 1)])

    def test_a_loop_at_work_says_so(self):
        async def main():
            self.signal_after(55)
            time.sleep(0.2)

        self.loop.run_until_complete(main())
        self.assertEqual([event["flags"] & 2 for event in self.watch.events("await-pending")], [2])

    def test_a_thread_that_waits_for_another_loop_tells_of_that_one(self):
        service, stranger = self.new_loop(), self.new_loop()
        threads = [threading.Thread(target=loop.run_forever) for loop in (service, stranger)]
        for thread in threads:
            thread.start()
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0.3), stranger)
        self.signal_after(55)
        try:
            asyncio.run_coroutine_threadsafe(asyncio.sleep(0.3), service).result()
        finally:
            for loop, thread in zip((service, stranger), threads):
                loop.call_soon_threadsafe(loop.stop)
                thread.join()
                loop.run_until_complete(asyncio.sleep(0.3))
                loop.close()
        (event,) = self.watch.events("await-pending")
        self.assertEqual(event["detail"], "sleep")
        self.assertEqual(event["flags"], 0)


class AdvisingTests(unittest.TestCase):
    """Each with the lines of the pairs that are found."""

    CASES = (
        ("both bring something", [4], "    a = await f(1)", "    b = await f(2)"),
        ("three in a row", [4, 5], "    a = await f(1)", "    b = await f(2)", "    c = await f(3)"),
        ("on two objects", [4], "    a = await x.get()", "    b = await y.get()"),
        ("in a branch", [5], "    if x:", "        a = await f(1)", "        b = await f(2)"),
        (
            "in a handler of errors",
            [7],
            "    try:",
            "        pass",
            "    except E:",
            "        a = await f(1)",
            "        b = await f(2)",
        ),
        ("the second needs the first", [], "    a = await f(1)", "    b = await f(a)"),
        ("the second needs a part of it", [], "    a, c = await f(1)", "    b = await f(c[0])"),
        ("on one object", [], "    a = await x.get()", "    b = await x.get()"),
        ("on one object further in", [], "    a = await x.y.get()", "    b = await x.z.get()"),
        ("results are thrown away", [], "    await f(1)", "    await f(2)"),
        ("something between", [], "    a = await f(1)", "    print(a)", "    b = await f(2)"),
        ("no calls", [], "    a = await x", "    b = await y"),
        ("kept in an object", [], "    x.a = await f(1)", "    b = await f(2)"),
        ("in a function inside", [], "    a = await f(1)", "    async def g():", "        b = await f(2)"),
    )

    def test_only_what_has_nothing_in_common_is_found(self):
        for name, lines, *body in self.CASES:
            with self.subTest(name):
                source = "import x\n\nasync def work():\n" + "\n".join(body) + "\n"
                # The second of each pair, counted from the first line of the function's body.
                found = [second - 1 for _, _, second in sequential_awaits(source)]
                self.assertEqual(found, lines)

    def test_what_is_no_python_is_passed_over(self):
        self.assertEqual(list(sequential_awaits("def (")), [])
        self.assertEqual(list(sequential_awaits("\0")), [])


@needs_uvloop
class UvloopWaitingTests(WaitingTests):
    @staticmethod
    def new_loop():
        import uvloop

        return uvloop.new_event_loop()


@needs_uvloop
class UvloopAskingTests(AskingTests):
    @staticmethod
    def new_loop():
        import uvloop

        return uvloop.new_event_loop()


if __name__ == "__main__":
    unittest.main()
