"""No loop where one was asked for: told where it mattered, and not where the error was taken for an answer."""

import asyncio
import logging
import sys
import threading
import unittest
import warnings

from watching import WatchingTestCase, needs_uvloop  # first: it makes the sources importable

from loopwarden_probe import facts  # isort: skip

SEES_ALL = sys.version_info >= (3, 12)


async def nothing():
    """Does nothing."""


class LooplessTestCase(WatchingTestCase):
    def setUp(self):
        super().setUp()
        warnings.simplefilter("ignore")
        self.addCleanup(warnings.resetwarnings)
        asyncio.set_event_loop(None)
        self.watch.events()

    def assert_told(self, handler, flags, line):
        """Calls it as a host calls a handler, and compares what is told of it."""
        try:
            handler()
        except Exception as error:
            self.watch.probe.returned(error)
        else:
            self.watch.probe.returned()
        events = self.watch.events("no-current-loop", "no-running-loop", "probe-failed")
        events = [event for event in events if event["flags"] != facts.IS_EXPECTED]
        self.assertEqual([event["flags"] for event in events], flags)
        for event in events:
            self.assert_at(event, line, __file__)


class NoCurrentLoopTests(LooplessTestCase):
    def test_let_out(self):
        def handler():
            asyncio.get_event_loop()

        self.assert_told(handler, [0, facts.HAS_ESCAPED], handler.__code__.co_firstlineno + 1)

    def test_the_cause_of_another(self):
        def handler():
            try:
                asyncio.get_event_loop()
            except Exception as error:
                raise LookupError from error

        self.assert_told(handler, [0, facts.HAS_ESCAPED], handler.__code__.co_firstlineno + 2)

    def test_swallowed(self):
        def handler():
            try:
                asyncio.get_event_loop()
            except Exception:
                pass

        self.assert_told(handler, [0], handler.__code__.co_firstlineno + 2)

    def test_swallowed_further_out(self):
        def inner():
            return asyncio.get_event_loop()

        def handler():
            try:
                inner()
            except BaseException:
                pass

        self.assert_told(handler, [0], inner.__code__.co_firstlineno + 1)

    def test_in_a_thread(self):
        def work():
            try:
                asyncio.get_event_loop()
            except Exception:
                pass

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        event = self.only("no-current-loop")
        self.assert_at(event, work.__code__.co_firstlineno + 2, __file__)

    def test_taken_for_an_answer(self):
        def asks():
            try:
                return asyncio.get_event_loop()
            except RuntimeError:
                return None

        def inner():
            return asyncio.get_event_loop()

        def asks_further_out():
            try:
                return inner()
            except (ValueError, RuntimeError):
                return None

        def asks_and_fails_otherwise():
            try:
                asyncio.get_event_loop()
            except RuntimeError:
                raise LookupError("something else") from None

        def asks_and_what_is_done_instead_fails():
            try:
                asyncio.get_event_loop()
            except RuntimeError:
                {}["missing"]

        for handler in (asks, asks_further_out, asks_and_fails_otherwise, asks_and_what_is_done_instead_fails):
            with self.subTest(handler.__name__):
                self.assert_told(handler, [], 0)

    def test_an_inner_except_for_something_else(self):
        def handler():
            try:
                try:
                    asyncio.get_event_loop()
                except ValueError:
                    pass
            except RuntimeError:
                pass

        self.assert_told(handler, [], 0)

    def test_an_application_that_raises_the_same(self):
        def handler():
            raise RuntimeError("There is no current event loop in thread 'MainThread'.")

        self.assert_told(handler, [], 0)

    @needs_uvloop
    def test_uvloops_policy(self):
        import uvloop

        def handler():
            asyncio.get_event_loop()

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
        self.addCleanup(asyncio.set_event_loop_policy, None)
        self.watch.events()
        self.assert_told(handler, [0, facts.HAS_ESCAPED], handler.__code__.co_firstlineno + 1)


class NoRunningLoopTests(LooplessTestCase):
    def test_let_out(self):
        def handler():
            coroutine = nothing()
            try:
                asyncio.create_task(coroutine)
            finally:
                coroutine.close()

        expected = [0, facts.HAS_ESCAPED] if SEES_ALL else [facts.HAS_ESCAPED]
        self.assert_told(handler, expected, handler.__code__.co_firstlineno + 3)

    def test_the_cause_of_another(self):
        def handler():
            try:
                asyncio.get_running_loop()
            except Exception as error:
                raise LookupError from error

        expected = [0, facts.HAS_ESCAPED] if SEES_ALL else [facts.HAS_ESCAPED]
        self.assert_told(handler, expected, handler.__code__.co_firstlineno + 2)

    def test_swallowed(self):
        def handler():
            try:
                asyncio.get_running_loop()
            except Exception:
                pass

        self.assert_told(handler, [0] if SEES_ALL else [], handler.__code__.co_firstlineno + 2)

    def test_while_another_was_raised(self):
        def handler():
            try:
                asyncio.get_running_loop()
            except Exception:
                {}["missing"]

        expected = [0, facts.WAS_CAUGHT] if SEES_ALL else [facts.WAS_CAUGHT]
        self.assert_told(handler, expected, handler.__code__.co_firstlineno + 2)

    def test_taken_for_an_answer(self):
        def asks():
            try:
                return asyncio.get_running_loop()
            except RuntimeError:
                return None

        def asks_and_what_is_done_instead_fails():
            try:
                asyncio.get_running_loop()
            except RuntimeError:
                {}["missing"]

        for handler in (asks, asks_and_what_is_done_instead_fails):
            with self.subTest(handler.__name__):
                self.assert_told(handler, [], 0)

    def test_logging_asks_for_the_task(self):
        log = logging.Logger("loopless")
        log.addHandler(logging.NullHandler())
        self.assert_told(lambda: log.error("no running event loop"), [], 0)


if __name__ == "__main__":
    unittest.main()
