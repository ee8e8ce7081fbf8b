"""`freeze: true`: what a handler leaves running stalls between two invocations, and goes on in the next."""

import contextlib
import time
import unittest

import harness

COUNTS = """
import threading
import time

ticks = 0


def count():
    global ticks
    while True:
        time.sleep(0.005)
        ticks += 1


threading.Thread(target=count, daemon=True).start()


def handler(event, context):
    before = ticks
    deadline = time.monotonic() + 5
    while ticks == before and time.monotonic() < deadline:
        time.sleep(0.005)  # it goes on
    return {"before": before, "after": ticks}
"""
PAUSE_SECONDS = 0.5


class FreezeTests(harness.ServiceTestCase):
    def ticks_in_a_pause(self, lines):
        """How often the handler's thread ran between two invocations that are half a second apart."""
        folder = self.scratch / "ticking"
        folder.mkdir()
        (folder / "handler.py").write_text(COUNTS)
        (folder / "plugin.yaml").write_text("name: ticking\nhandler: handler.handler\nkeepAlive: 60\n" + lines)
        with harness.Daemon(plugins=[folder]) as daemon:
            with contextlib.closing(harness.Connection(daemon.socket)) as line:
                first = line.invoke("ticking")["result"]
                time.sleep(PAUSE_SECONDS)
                second = line.invoke("ticking")
        self.assertEqual(second["invocation"]["start"], "warm")
        self.assertGreater(second["result"]["after"], second["result"]["before"])
        return second["result"]["before"] - first["after"]

    def test_a_frozen_environment_stands_still_and_goes_on(self):
        # One tick may be under way when it is stopped, and some pass before the handler is called again.
        self.assertLess(self.ticks_in_a_pause("freeze: true\n"), 20)

    def test_without_it_the_background_goes_on(self):
        self.assertGreater(self.ticks_in_a_pause(""), 40)


if __name__ == "__main__":
    unittest.main()
