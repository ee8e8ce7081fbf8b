"""Runs a script under the probe and prints its events as JSON lines: `python -m loopwarden_probe script.py`.

With `--check` instead of a script it prints which detections this interpreter does not allow.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import runpy
import sys

from . import Probe, facts
from .decode import Decoder
from .probe import WATCHED_LIBRARIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO


def main(arguments: list[str] | None = None) -> None:
    """Runs the script that `arguments` name; what it raises goes through, after the events are written.

    :raises SystemExit: when the arguments make no sense, or the script says so.
    """
    parser = argparse.ArgumentParser(
        prog="python -m loopwarden_probe",
        description="Runs a Python script and prints the life of every asyncio event loop in it as JSON lines.",
    )
    parser.add_argument("--output", metavar="FILE", help="where the events go (default: standard error)")
    parser.add_argument("--check", action="store_true", help="print, as JSON, the detections that are off here; end")
    parser.add_argument("script", nargs="?", help="the script to run")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="the script's own arguments")
    options = parser.parse_args(arguments)
    if options.check:
        rows = [{"hook": hook, "reason": reason} for hook, reason in detections_off()]
        sys.stdout.write(json.dumps(rows) + "\n")
        return
    if options.script is None:
        parser.error("which script?")
    folder = os.path.dirname(os.path.abspath(options.script))
    probe = Probe(root=folder)
    sys.argv[:] = [options.script] + options.arguments
    sys.path[0] = folder
    probe.install()
    probe.journal.enter_phase(facts.INVOCATION)
    try:
        runpy.run_path(options.script, run_name="__main__")
    finally:
        probe.audit.slot()
        probe.audit.open_loops()
        probe.journal.leave_phase()
        probe.uninstall()
        if options.output is None:
            _write(probe.journal.block(), sys.stderr)
        else:
            with open(options.output, "w", encoding="utf-8") as output:
                _write(probe.journal.block(), output)


def detections_off() -> list[tuple[str, str]]:
    """The hooks that find no hold in this interpreter's asyncio, or in its uvloop where there is one, and why."""
    probe = Probe()
    probe.install()
    for name in WATCHED_LIBRARIES:
        try:
            importlib.import_module(name)
        except ImportError:
            pass  # no uvloop
    probe.uninstall()
    return probe.disabled


def _write(block: bytes, output: TextIO) -> None:
    for event in Decoder().block(block):
        output.write(json.dumps(event) + "\n")


if __name__ == "__main__":
    main()
