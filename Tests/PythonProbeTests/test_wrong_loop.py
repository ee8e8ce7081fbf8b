"""What belongs to one loop and is used on another is told, with its line; what is right is not."""

import asyncio
import importlib.util
import socket
import sys
import threading
import unittest

from watching import HAS_UVLOOP, WatchingTestCase, here, needs_uvloop

if HAS_UVLOOP:
    import uvloop

WRONG = "wrong-loop"

LIBRARY = """
class Client:
    def __init__(self, loop):
        self._answer = loop.create_future()

    async def ask(self):
        return await self._receive()

    async def _receive(self):
        return await self._answer
"""


def attempt(loop, coroutine):
    """Runs it to its end, whatever that is."""
    try:
        return loop.run_until_complete(coroutine)
    except (RuntimeError, ValueError) as error:
        return error


class WrongLoopTests(WatchingTestCase):
    def setUp(self):
        super().setUp()
        self.addCleanup(asyncio.set_event_loop, None)
        self.first, self.second = self.new_loop(), self.new_loop()
        asyncio.set_event_loop(self.first)  # what locks are made for, before 3.10
        self.watch.events()

    def new_loop(self):
        loop = asyncio.SelectorEventLoop()
        self.addCleanup(loop.close)
        return loop

    def wrong(self):
        """The one event of its kind, and its further lines by role."""
        events = self.watch.events("wrong-loop", "related-site", "probe-failed")
        self.assertEqual([event["event"] for event in events if event["event"] != "related-site"], [WRONG], events)
        event = events[-1]
        self.assertEqual((event["loop"], event["value"]), (2, 1))
        return event, {line["detail"]: line["site"]["line"] for line in events[:-1]}

    def assert_here(self, event, line):
        self.assert_at(event, line, __file__)

    async def hold(self, lock):
        """Makes it wait for itself, which binds it from 3.10 on."""
        await lock.acquire()
        waiter = asyncio.ensure_future(lock.acquire())
        await asyncio.sleep(0)
        waiter.cancel()

    def test_lock_is_told_with_where_it_was_made_and_bound(self):
        lock, made = asyncio.Lock(), here()
        self.first.run_until_complete(self.hold(lock))

        async def use():
            async with lock:
                pass

        used = here(-3)
        self.assertIsInstance(attempt(self.second, use()), RuntimeError)
        event, lines = self.wrong()
        self.assert_here(event, used)
        self.assertEqual(event["detail"], "asyncio.locks.Lock")
        self.assertEqual(lines["created"], made)
        self.assertEqual("bound" in lines, sys.version_info >= (3, 10))

    def test_each_kind_is_told_by_the_name_that_users_know(self):
        async def wait(use):
            await use()

        async def condition_wait(condition):
            async with condition:
                await condition.wait()

        cases = [
            ("asyncio.locks.Event", asyncio.Event(), lambda each: each.wait()),
            ("asyncio.locks.Semaphore", asyncio.Semaphore(0), lambda each: each.acquire()),
            ("asyncio.locks.BoundedSemaphore", asyncio.BoundedSemaphore(1), lambda each: self.both(each)),
            ("asyncio.locks.Condition", asyncio.Condition(), condition_wait),
            ("asyncio.queues.Queue", asyncio.Queue(), lambda each: each.get()),
            ("asyncio.queues.PriorityQueue", asyncio.PriorityQueue(), lambda each: each.get()),
        ]
        for name, thing, use in cases:
            with self.subTest(name):
                self.first.run_until_complete(self.try_for_a_moment(use(thing)))
                self.watch.events()
                attempt(self.second, self.try_for_a_moment(use(thing)))
                event, lines = self.wrong()
                self.assertEqual(event["detail"], name)
                self.assertIn("created", lines)

    async def both(self, semaphore):
        await semaphore.acquire()
        await semaphore.acquire()

    async def try_for_a_moment(self, coroutine):
        task = asyncio.ensure_future(coroutine)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            pass

    def test_joined_queue_is_told_as_the_queue(self):
        queue = asyncio.Queue()
        queue.put_nowait(1)
        self.first.run_until_complete(self.try_for_a_moment(queue.join()))
        attempt(self.second, self.try_for_a_moment(queue.join()))
        event, _ = self.wrong()
        self.assertEqual(event["detail"], "asyncio.queues.Queue")

    def test_future_and_task_are_told(self):
        async def work():
            await asyncio.sleep(0)

        begin = here(-3)
        for thing, name in (
            (self.first.create_future(), "_asyncio.Future"),
            (self.first.create_task(work()), "_asyncio.Task"),
        ):
            with self.subTest(name):

                async def use(thing=thing):
                    await thing

                used = here(-2)
                self.assertIsInstance(attempt(self.second, use()), RuntimeError)
                event, lines = self.wrong()
                self.assert_here(event, used)
                self.assertEqual((event["detail"], event["flags"]), (name, 1))
                self.assertEqual(lines, {"task": begin} if name == "_asyncio.Task" else {})
        self.first.run_until_complete(asyncio.gather(*asyncio.all_tasks(self.first), return_exceptions=True))

    def test_python_future_is_told(self):
        future = asyncio.futures._PyFuture(loop=self.first)

        async def use():
            await future

        attempt(self.second, use())
        event, _ = self.wrong()
        self.assert_here(event, here(-4))

    def test_swallowed_error_is_told_once_for_each_line(self):
        future = self.first.create_future()

        async def use():
            for _ in range(3):
                try:
                    await future
                except RuntimeError:
                    pass

        self.assertIsNone(attempt(self.second, use()))
        self.wrong()

    def test_innermost_line_of_the_users_is_told(self):
        future = self.first.create_future()

        async def inner():
            await future

        async def generator():
            await inner()
            yield

        async def outer():
            async for _ in generator():
                pass

        attempt(self.second, outer())
        event, _ = self.wrong()
        self.assert_here(event, here(-12))

    def test_foreign_futures_handed_over_are_told(self):
        future = self.first.create_future()
        for name, use in (
            ("gather", lambda: asyncio.gather(asyncio.sleep(0), future)),
            ("wait", lambda: asyncio.wait({future}, timeout=0.001)),
            ("wait_for", lambda: asyncio.wait_for(future, 1)),
            ("shield", lambda: asyncio.shield(future)),
        ):
            with self.subTest(name):

                async def run(use=use):
                    await use()

                attempt(self.second, run())
                self.watch.probe.journal.enter_phase(1, 0)  # so that the next may be told again
                event, _ = self.wrong()
                self.assertEqual(event["detail"], "_asyncio.Future", name)
        with self.assertRaises(ValueError):
            self.second.run_until_complete(future)
        event, _ = self.wrong()
        self.assert_here(event, here(-2))

    def test_stream_is_told(self):
        ours, theirs = socket.socketpair()
        self.addCleanup(theirs.close)
        reader, writer = self.first.run_until_complete(asyncio.open_connection(sock=ours))
        made = here(-1)

        async def use():
            await reader.readline()

        attempt(self.second, use())
        event, lines = self.wrong()
        self.assert_here(event, here(-4))
        self.assertEqual((event["detail"], lines["created"]), ("asyncio.streams.StreamReader", made))
        writer.close()
        self.first.run_until_complete(asyncio.sleep(0))

    def test_client_of_a_library_is_told_with_its_line(self):
        names = {"__name__": "notthere"}
        exec(compile(LIBRARY, "/venv/lib/site-packages/notthere/client.py", "exec"), names)  # noqa: S102
        client = names["Client"](self.first)

        async def use():
            await client.ask()

        attempt(self.second, use())
        event, _ = self.wrong()
        self.assert_here(event, here(-4))
        self.assertEqual((event["detail"], event["flags"]), ("notthere.Client", 2))
        self.assertEqual(event["site"]["via"]["line"], 10)

    @unittest.skipIf(importlib.util.find_spec("aiohttp") is None, "aiohttp is not installed")
    def test_session_of_aiohttp_is_told(self):
        import aiohttp

        async def make():
            return aiohttp.ClientSession()

        session = self.first.run_until_complete(make())

        async def use():
            try:
                await session.get("http://127.0.0.1:9/")
            except RuntimeError:
                pass

        attempt(self.second, use())
        event, _ = self.wrong()
        self.assert_here(event, here(-6))
        self.assertEqual((event["detail"], event["flags"]), ("aiohttp.client.ClientSession", 2))
        self.first.run_until_complete(session.close())

    @needs_uvloop
    def test_transports_of_a_closed_uvloop_are_told(self):
        first, second = uvloop.new_event_loop(), uvloop.new_event_loop()
        self.addCleanup(second.close)
        ours, theirs = socket.socketpair()
        self.addCleanup(theirs.close)
        kept = []

        async def connect():
            kept.extend(await asyncio.open_connection(sock=ours))
            kept[1].transport.close()
            with self.assertRaises(RuntimeError):
                for _ in range(3):  # closed by itself, on a loop that is open
                    await asyncio.sleep(0)
                    kept[1].write(b"x")
                raise RuntimeError

        async def use():
            try:
                kept[1].write(b"x")
            except RuntimeError:
                pass

        used = here(-4)
        first.run_until_complete(connect())
        self.assertEqual(self.watch.events("used-after-close"), [])
        first.close()
        second.run_until_complete(use())
        event = self.only("used-after-close")
        self.assert_here(event, used)
        self.assertEqual((event["loop"], event["flags"] & 16), (3, 16))

    @needs_uvloop
    def test_uvloop_is_told_too(self):
        self.first, self.second = uvloop.new_event_loop(), uvloop.new_event_loop()
        self.addCleanup(self.first.close)
        self.addCleanup(self.second.close)
        future = self.first.create_future()

        async def use():
            await future

        attempt(self.second, use())
        event = self.watch.events(WRONG)[0]
        self.assert_here(event, here(-4))
        self.assertEqual((event["loop"], event["value"]), (4, 3))


class RightLoopTests(WatchingTestCase):
    """What looks alike and is right."""

    def test_uncontended_use_on_many_loops(self):
        async def use(lock):
            async with lock:
                await asyncio.sleep(0)

        loop = asyncio.new_event_loop()
        self.addCleanup(loop.close)
        asyncio.set_event_loop(loop)  # before 3.10 a lock wants one
        lock = asyncio.Lock()
        for _ in range(3):
            asyncio.run(use(lock))
        self.assertEqual(self.watch.events(WRONG), [])

    def test_future_of_another_thread_that_is_wrapped(self):
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()

        async def there():
            await asyncio.sleep(0)
            return 1

        async def use():
            remote = asyncio.run_coroutine_threadsafe(there(), loop)
            first = await asyncio.wrap_future(remote)
            return first + await asyncio.wait_for(
                asyncio.wrap_future(asyncio.run_coroutine_threadsafe(there(), loop)), 1
            )

        self.assertEqual(asyncio.run(use()), 2)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
        self.assertEqual(self.watch.events(WRONG, "probe-failed"), [])

    def test_tasks_that_are_shown_and_other_errors_of_tasks(self):
        async def main():
            task = asyncio.ensure_future(asyncio.sleep(0))
            repr(task), repr(asyncio.all_tasks())
            await task
            await asyncio.gather(asyncio.sleep(0), asyncio.ensure_future(asyncio.sleep(0)))
            await asyncio.wait({asyncio.ensure_future(asyncio.sleep(0))})
            own = []

            async def itself():
                await own[0]

            own.append(asyncio.ensure_future(itself()))
            with self.assertRaises(RuntimeError):  # "Task cannot await on itself"
                await own[0]
            await asyncio.wait_for(asyncio.sleep(0), 1)

        asyncio.run(main())
        asyncio.run(main(), debug=True)
        self.assertEqual(self.watch.events(WRONG, "probe-failed"), [])

    def test_an_applications_own_error_of_the_same_text(self):
        with self.assertRaises(ValueError):
            raise ValueError("The future belongs to a different loop than the one specified as the loop argument")
        self.assertEqual(self.watch.events(WRONG, "probe-failed"), [])

    def test_everything_is_put_back(self):
        info = asyncio.base_tasks._task_repr_info.__code__
        self.watch.probe.uninstall()
        self.assertIsNot(asyncio.base_tasks._task_repr_info.__code__, info)
        self.assertEqual([name for name in vars(asyncio.base_tasks) if "loopwarden" in name], [])
        self.watch.probe.install()
        self.assertEqual(asyncio.base_tasks._task_repr_info.__name__, "_task_repr_info")

    @unittest.skipIf(sys.version_info >= (3, 10), "the argument is gone")
    def test_warnings_blame_the_users_line(self):
        loop = asyncio.new_event_loop()
        self.addCleanup(loop.close)
        with self.assertWarns(DeprecationWarning) as caught:
            asyncio.Lock(loop=loop)
        self.assertEqual((caught.filename, caught.lineno), (__file__, here(-1)))


if __name__ == "__main__":
    unittest.main()
