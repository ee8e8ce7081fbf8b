"""What asyncio deprecates, used by a line of the user's own."""

import asyncio
import sys
import unittest
import warnings

from watching import WatchingTestCase  # first: it makes the sources importable


async def nothing():
    """Does nothing."""


class DeprecatedTests(WatchingTestCase):
    def told(self):
        self.watch.probe.returned()
        self.assertEqual(self.watch.events("probe-failed"), [])
        events = self.watch.events()
        return [event["detail"] for event in events if event["event"] == "deprecated-api"]

    def told_of(self, function):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            function()
        self.watch.probe.returned()
        events = self.watch.events("deprecated-api", "probe-failed")
        for event in events:
            self.assert_at(event, function.__code__.co_firstlineno + 1, __file__)
        return [event["detail"] for event in events]

    def test_functions(self):
        def asks():
            asyncio.iscoroutinefunction(nothing)

        def policy():
            asyncio.set_event_loop_policy(None)

        self.assertEqual(self.told_of(asks), ["iscoroutinefunction"])
        self.assertEqual(self.told_of(policy), ["set_event_loop_policy"])

    def test_is_told_once_per_line_and_invocation(self):
        def asks():
            for _ in range(3): asyncio.iscoroutinefunction(nothing)  # fmt: skip # noqa: E701

        self.assertEqual(self.told_of(asks), ["iscoroutinefunction"])
        self.assertEqual(self.told_of(asks), [])
        self.watch.probe.waking()
        self.assertEqual(self.told_of(asks), ["iscoroutinefunction"])

    @unittest.skipUnless(sys.version_info < (3, 11), "taken out in 3.11")
    def test_the_old_decorator(self):
        def old():
            asyncio.coroutine(lambda: None)

        self.assertEqual(self.told_of(old), ["coroutine"])

    @unittest.skipUnless(sys.version_info < (3, 10), "taken out in 3.10")
    def test_the_loop_argument(self):
        loop = asyncio.SelectorEventLoop()
        self.addCleanup(loop.close)

        def old():
            asyncio.Lock(loop=loop)

        self.assertEqual(self.told_of(old), ["loop="])

    @unittest.skipUnless(sys.version_info < (3, 11), "taken out in 3.11")
    def test_warnings_blame_the_same_line(self):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            asyncio.coroutine(lambda: None)
        self.assertEqual([warning.filename for warning in caught], [__file__])

    def test_a_loop_made_unasked(self):
        def unasked():
            self.loop = asyncio.get_event_loop()

        asyncio.set_event_loop_policy(None)
        self.told()
        self.assertEqual(self.told_of(unasked), ["get_event_loop"])
        self.loop.close()

    def test_a_loop_made_unasked_by_who_can_do_without(self):
        def current():
            try:
                return asyncio.get_event_loop()
            except RuntimeError:
                return asyncio.new_event_loop()

        def handler():
            self.loop = current()

        asyncio.set_event_loop_policy(None)
        self.told()
        self.assertEqual(self.told_of(handler), [])
        self.loop.close()

    def test_silence(self):
        def handler():
            asyncio.run(nothing())

        self.assertEqual(self.told_of(handler), [])


if __name__ == "__main__":
    unittest.main()
