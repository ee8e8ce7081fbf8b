"""Exceptions are told once, by their texts, where Python's or a library's own code raised them."""

import asyncio
import sys
import unittest
import warnings

from watching import Watch, WatchingTestCase, needs_uvloop  # first: makes the sources importable

from loopwarden_probe import facts  # isort: skip
from loopwarden_probe.hooks.base import Hook, Message  # isort: skip

SEES_ALL = sys.version_info >= (3, 12)
needs_monitoring = unittest.skipUnless(SEES_ALL, "sys.monitoring is from CPython 3.12 on")
CLOSED = Message(RuntimeError, "Event loop is closed", modules=("asyncio.base_events",))
TRANSPORT = Message(RuntimeError, "unable to perform operation on <", is_prefix=True)
OWN = Message(ValueError, "of the tests", raisers=("test_raising",))


class Listener(Hook):
    name = "listener"
    raises = (CLOSED, TRANSPORT, OWN)

    def __init__(self, probe):
        super().__init__(probe)
        self.told = []

    def at_message(self, message, raised):
        self.told.append((message, raised.has_escaped))
        self.report(facts.EXECUTOR_REUSED, 0, 0, raised.site, raised.code.co_name)


class BrokenListener(Hook):
    name = "broken-listener"
    raises = (CLOSED,)

    def at_message(self, message, raised):
        raise ValueError("broken")


def closed_loop():
    loop = asyncio.SelectorEventLoop()
    loop.close()
    return loop


class RaisingTests(WatchingTestCase):
    def setUp(self):
        self.watch = Watch()
        self.listener = Listener(self.watch.probe)
        self.watch.probe.hooks.insert(0, self.listener)
        self.watch.probe.install()
        self.addCleanup(self.watch.probe.uninstall)
        self.watch.events()

    def let_out(self, function):
        """Calls it as a host calls a handler."""
        try:
            function()
        except Exception as error:
            self.watch.probe.returned(error)

    def test_what_comes_out_of_the_handler_is_told_once(self):
        loop = closed_loop()

        def inner():
            loop.run_forever()  # here

        def handler():
            inner()

        self.let_out(handler)
        self.assert_at(self.only("executor-reused"), inner.__code__.co_firstlineno + 1, __file__)
        self.assertEqual(self.listener.told, [(CLOSED, False)])

    def test_what_it_was_raised_from_is_told(self):
        loop = closed_loop()

        def handler():
            try:
                loop.run_forever()
            except RuntimeError as error:
                raise LookupError("not found") from error

        self.let_out(handler)
        self.assert_at(self.only("executor-reused"), handler.__code__.co_firstlineno + 2, __file__)

    def test_what_is_swallowed_is_told_once_per_exception(self):
        loop = closed_loop()
        for _ in range(3):
            try:
                try:
                    loop.run_forever()
                except RuntimeError as error:
                    raise error
            except RuntimeError:
                pass
        self.assertEqual(self.listener.told, [(CLOSED, False)] * 3)

    def test_an_exception_that_a_task_carries_is_told_once(self):
        loop = closed_loop()

        async def child():
            loop.run_forever()

        async def main():
            await asyncio.gather(asyncio.ensure_future(child()), return_exceptions=True)
            try:
                await asyncio.ensure_future(child())
            except RuntimeError:
                pass

        asyncio.run(main())
        self.assertEqual(self.listener.told, [(CLOSED, False)] * 2)

    def test_an_application_that_raises_the_same_is_left_alone(self):
        def handler():
            raise RuntimeError("Event loop is closed")

        self.let_out(handler)
        self.assertEqual(self.listener.told, [])

    def test_a_package_named_as_raiser_is_told(self):
        def handler():
            raise ValueError("of the tests")

        self.let_out(handler)
        self.assertEqual(len(self.listener.told), 1)

    def test_another_text_type_or_argument_is_left_alone(self):
        for error in (
            ValueError("of the tests, more"),
            RuntimeError("of the tests"),
            ValueError(),
            ValueError(1),
            ValueError(["of the tests"]),
            type("Derived", (ValueError,), {})("of the tests"),
        ):

            def handler(error=error):
                raise error

            self.let_out(handler)
        self.assertEqual(self.listener.told, [])

    def test_a_circle_of_exceptions_comes_to_an_end(self):
        one, other = ValueError("of the tests"), ValueError("another")
        one.__cause__, other.__cause__ = other, one

        def handler():
            raise one

        self.let_out(handler)
        self.assertEqual(len(self.listener.told), 1)

    @needs_uvloop
    def test_uvloops_own_code_is_seen_through(self):
        import uvloop

        loop = uvloop.new_event_loop()
        loop.close()

        def handler():
            loop.call_soon(print)  # raised two calls deep in uvloop

        self.let_out(handler)
        self.assert_at(self.only("executor-reused"), handler.__code__.co_firstlineno + 1, __file__)
        self.assertEqual(len(self.listener.told), 1)

    @needs_uvloop
    def test_a_transport_of_uvloop_is_heard(self):
        import uvloop

        loop = uvloop.new_event_loop()

        async def connect():
            server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
            _, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
            server.close()
            return writer

        writer = loop.run_until_complete(connect())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            loop.close()

        def handler():
            writer.write(b"too late")

        self.let_out(handler)
        self.assertEqual(self.listener.told, [(TRANSPORT, not SEES_ALL)])
        self.assert_at(self.only("executor-reused"), handler.__code__.co_firstlineno + 1, __file__)
        writer.transport.abort()

    def test_a_hook_that_fails_takes_only_itself_out(self):
        broken = BrokenListener(self.watch.probe)
        self.watch.probe.uninstall()
        self.watch.probe.hooks.insert(0, broken)
        self.watch.probe.install()
        loop = closed_loop()
        for _ in range(2):
            with self.assertRaises(RuntimeError):
                loop.run_forever()
        self.assertFalse(broken.is_on)
        self.assertEqual(len(self.listener.told), 2)
        self.assertEqual(len(self.watch.events("probe-failed")), 1)

    @needs_monitoring
    def test_the_tool_is_given_back(self):
        self.watch.probe.uninstall()
        self.assertEqual([sys.monitoring.get_tool(tool) for tool in (3, 4)], [None, None])

    @needs_monitoring
    def test_without_a_free_tool_what_comes_out_is_still_told(self):
        self.watch.probe.uninstall()
        for tool in (3, 4):
            sys.monitoring.use_tool_id(tool, "another")
            self.addCleanup(sys.monitoring.free_tool_id, tool)
        self.watch.probe.install()
        loop = closed_loop()
        self.let_out(lambda: loop.run_forever())
        self.assertEqual(self.listener.told, [(CLOSED, False)])

        def handler():
            raise ValueError("of the tests")

        self.let_out(handler)
        self.assertEqual(self.listener.told[1:], [(OWN, True)])


if __name__ == "__main__":
    unittest.main()
