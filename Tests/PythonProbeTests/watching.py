"""What the probe's tests share: a probe around a piece of code, and its events as dictionaries."""

import contextlib
import importlib.util
import inspect
import os
import sys
import unittest

SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "Sources", "PythonProbe")
SOURCES = os.path.abspath(SOURCES)
if SOURCES not in sys.path:
    sys.path.insert(0, SOURCES)

from loopwarden_probe import Probe  # noqa: E402
from loopwarden_probe.decode import Decoder  # noqa: E402

FOLDER = os.path.dirname(os.path.abspath(__file__))
HAS_UVLOOP = importlib.util.find_spec("uvloop") is not None
if HAS_UVLOOP:
    # uvloop keeps what it finds in asyncio when it is imported, so a probe has to be there by then, as in a worker.
    _first = Probe()
    _first.install()
    import uvloop  # noqa: F401

    _first.uninstall()
needs_uvloop = unittest.skipUnless(HAS_UVLOOP, "uvloop is not installed for {}".format(sys.executable))


class Watch:
    """A probe and what it has seen."""

    def __init__(self, **options):
        self.probe = Probe(root=FOLDER, **options)
        self._decoder = Decoder()

    def events(self, *kinds):
        """The events since the last call, of the given kinds or all."""
        block = self.probe.journal.block()
        self.probe.journal.sent(block)
        found = list(self._decoder.block(block))
        return [event for event in found if not kinds or event["event"] in kinds]

    def kinds(self):
        return [event["event"] for event in self.events()]


@contextlib.contextmanager
def watching(**options):
    """Installs a probe for the time of the block."""
    watch = Watch(**options)
    watch.probe.install()
    watch.events()
    try:
        yield watch
    finally:
        watch.probe.uninstall()


def here(offset=0):
    """The line of the caller, plus `offset`."""
    return inspect.currentframe().f_back.f_lineno + offset


class WatchingTestCase(unittest.TestCase):
    """A test case that asserts where events were."""

    def setUp(self):
        self._exit = contextlib.ExitStack()
        self.watch = self._exit.enter_context(watching())
        self.addCleanup(self._exit.close)

    def only(self, *kinds):
        """The one event of these kinds since the last look."""
        events = self.watch.events(*kinds)
        self.assertEqual(len(events), 1, events)
        return events[0]

    def assert_at(self, event, line, file=__file__):
        self.assertIsNotNone(event["site"], event)
        self.assertEqual((event["site"]["file"], event["site"]["line"]), (os.path.basename(file), line), event)
        self.assertTrue(event["site"]["userCode"])
        self.assertTrue(event["site"]["underRoot"])
