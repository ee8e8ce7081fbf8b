"""`pytest -p loopwarden_probe.pytest_plugin`: prints the life of every event loop as JSON lines, with the test's name.

Without Loopwarden's daemon, which would say what is wrong; see suite.py for what both have in common.
"""

from __future__ import annotations

import gc
import json
import sys

import pytest  # type: ignore[import-not-found,unused-ignore]

from . import Probe, facts
from .decode import Decoder
from .suite import Suite, mark_hooks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator, TextIO


class EventLines(Suite):
    """Watches a session, and writes what was seen after each test."""

    def __init__(self, probe: Probe, output: TextIO) -> None:
        super().__init__(probe)
        self._output = output
        self._decoder = Decoder()
        self._ordinal = 0

    def pytest_runtest_protocol(self, item: Any, nextitem: Any) -> Iterator[None]:
        probe = self.probe
        self._enter()
        self.begin()
        yield
        probe.returned(self.outcome.error)
        probe.ended()
        self._write(item.nodeid)

    def pytest_sessionfinish(self, session: Any, exitstatus: Any) -> Iterator[None]:
        """Once its fixtures are torn down, looks at what is left."""
        yield
        probe = self.probe
        self._enter()
        probe.is_suite_over = True
        gc.collect()
        probe.returned()
        probe.ended()
        self._write(None)
        probe.uninstall()
        self._output.flush()

    def _enter(self) -> None:
        self.probe.journal.enter_phase(facts.INVOCATION, self._ordinal)
        self._ordinal += 1
        self.probe.waking()

    def _write(self, test: str | None) -> None:
        journal = self.probe.journal
        journal.leave_phase()
        block = journal.block()
        journal.sent(block)
        for event in self._decoder.block(block):
            self._output.write(json.dumps(dict({"test": test}, **event)) + "\n")
        journal.enter_phase(facts.BETWEEN)


def pytest_addoption(parser: Any) -> None:
    parser.addoption("--loopwarden-events", metavar="FILE", help="where the events go (default: standard error)")


@pytest.hookimpl(tryfirst=True)  # type: ignore[untyped-decorator,unused-ignore]
def pytest_load_initial_conftests(early_config: Any, parser: Any, args: Any) -> None:
    """Before any of the project's files: what they make at import is to be seen."""
    root = str(getattr(early_config, "rootpath", None) or early_config.rootdir)
    path = early_config.known_args_namespace.loopwarden_events
    output = open(path, "w", encoding="utf-8") if path else sys.__stderr__ or sys.stderr
    probe = Probe(root=root, is_suite=True)
    probe.install()
    mark_hooks(EventLines, pytest.hookimpl)
    early_config.pluginmanager.register(EventLines(probe, output), "loopwarden-events")
