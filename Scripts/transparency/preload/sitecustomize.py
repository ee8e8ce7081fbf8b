"""Installs the probe in every process of a test run, and leaves word of what it saw."""

import atexit
import os

from loopwarden_probe import Probe
from loopwarden_probe.decode import Decoder

_FOLDER = os.environ.get("LOOPWARDEN_TRANSPARENCY")
_probe = Probe()
_probe.install()


def _leave_word(process=os.getpid()):  # noqa: B008 - the process that installed it
    if os.getpid() != process:
        return
    try:
        events = Decoder().block(_probe.journal.block())
        if any(event["event"] == "loop-created" for event in events):
            open(os.path.join(_FOLDER, "seen"), "a").close()
        with open(os.path.join(_FOLDER, "disabled"), "a", encoding="utf-8") as file:
            file.writelines("{}: {}\n".format(*entry) for entry in _probe.disabled)
    except OSError:
        pass  # the run is over, and its folder gone


if _FOLDER:
    atexit.register(_leave_word)
