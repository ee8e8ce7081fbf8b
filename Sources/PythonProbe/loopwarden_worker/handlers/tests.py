"""Suites of tests: pytest runs in this process, and an invocation is one of its tests.

pytest keeps the upper hand, with its configuration and plugins as ever: where it would run one test after the other, it
waits for an invocation before each. The first invocation only tells which tests there are; the one after the last, when
the session is over and the last fixtures are torn down, tells how it ended, and looks at what is left.
"""

from __future__ import annotations

import functools
import gc
import importlib
import json
import os
import sys

from loopwarden_probe.suite import Suite, mark_hooks

from ..faults import BROKEN_SUITE, MISSING_PYTEST, NO_TESTS, Fault
from .base import Handler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from ..worker import Worker

_NO_TESTS_COLLECTED = 5  # of pytest.ExitCode
_USAGE_ERROR = 4
_LAST_ERROR = ("last_exc", "last_type", "last_value", "last_traceback")
_COLLECTIONS = 3  # what a finalizer drops is found by the next


class FailedTest(Fault):
    """A test that did not pass. pytest has printed it."""

    is_told = True


def load(name: str) -> Handler:
    """Makes ready to run pytest with the arguments in `name`, a list in JSON.

    :raises Fault: when this Python has no pytest.
    """
    try:
        pytest = importlib.import_module("pytest")
    except ImportError as error:
        raise Fault(MISSING_PYTEST, "{} has no pytest: {}".format(sys.executable, error)) from None
    return TestsHandler(pytest, json.loads(name))


class TestsHandler(Handler):
    """Leads the worker from one test to the next. A plugin of pytest's."""

    def __init__(self, pytest: Any, arguments: list[str]) -> None:
        super().__init__(self._answer, is_async=False)
        self._pytest = pytest
        self._arguments = arguments
        self._here = os.getcwd()
        self._next: Callable[[], Any] = self._end
        self._escaped: BaseException | None = None
        self._status = 0
        self._is_collected = self._is_empty = False
        self._suite: Suite
        self._worker: Worker

    @property
    def kind(self) -> str:
        return "tests"

    def lead(self, worker: Worker) -> None:
        self._worker = worker
        self._suite = Suite(worker.probe)
        mark_hooks(Suite, self._pytest.hookimpl)
        mark_hooks(TestsHandler, self._pytest.hookimpl)
        self._status = int(self._pytest.main(self._arguments, plugins=[self._suite, self]))
        if not self._is_collected:
            worker.refuse(self._trouble())
        self._next = self._end

    def pytest_runtestloop(self, session: Any) -> bool | None:
        """As pytest's own, which does the rest where nothing is to be run."""
        config = session.config
        option = config.option
        if (session.testsfailed and not option.continue_on_collection_errors) or option.collectonly:
            return None
        if not session.items:
            self._is_empty = True
            return None
        root = str(getattr(config, "rootpath", None) or config.rootdir)  # the newer name, and the older
        names = [_from(self._here, root, item.nodeid) for item in session.items]
        self._is_collected = True
        self._worker.ready()
        self._await(lambda: {"tests": names, "notes": self._suite.notes, "broken": self._suite.failures})
        for index, item in enumerate(session.items):
            following = session.items[index + 1] if index + 1 < len(session.items) else None
            self._await(functools.partial(self._run, item, following))
            if self._escaped is not None:
                raise self._escaped
            if session.shouldfail:
                raise session.Failed(session.shouldfail)
            if session.shouldstop:
                raise session.Interrupted(session.shouldstop)
        return True

    def _await(self, what: Callable[[], Any]) -> None:
        """Does something in the next invocation."""
        self._next = what
        self._worker.serve()

    def _answer(self, event: Any, context: Any) -> Any:
        return self._next()

    def _run(self, item: Any, following: Any) -> dict[str, Any]:
        """:raises FailedTest: when it does not pass."""
        suite = self._suite
        suite.begin()
        try:
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        except BaseException as error:  # KeyboardInterrupt, pytest.exit(): pytest shall deal with it, after the answer
            self._escaped = error
        outcome = suite.outcome
        cause = outcome.error or self._escaped
        if outcome.outcome != "failed" and self._escaped is None:
            return {"test": item.nodeid, "outcome": outcome.outcome, "reason": outcome.reason}
        kind = type(cause).__name__ if cause is not None else "Failed"
        message = outcome.reason or str(cause)
        prefix = kind + ": "
        if message.startswith(prefix):
            message = message[len(prefix) :]
        raise FailedTest(kind, message, outcome.text.splitlines()) from cause

    def _end(self) -> dict[str, Any]:
        self._worker.probe.is_suite_over = True
        for name in _LAST_ERROR:  # pytest keeps them for debuggers, and with them the variables of a failed test
            if hasattr(sys, name):
                delattr(sys, name)
        for _ in range(_COLLECTIONS):
            gc.collect()
        return {"status": self._status}

    def _trouble(self) -> Fault:
        """Why there was nothing to run."""
        failures = self._suite.failures
        if failures:
            count = "a test module" if len(failures) == 1 else "{} test modules".format(len(failures))
            return _told(BROKEN_SUITE, "pytest cannot collect {}".format(count), "\n".join(failures))
        if self._is_empty or self._status == _NO_TESTS_COLLECTED:
            return _told(NO_TESTS, "pytest has found no tests, or selected none")
        if self._status == _USAGE_ERROR:
            return _told(BROKEN_SUITE, "pytest does not accept its arguments or its configuration")
        return _told(BROKEN_SUITE, "pytest ended without running a test, with status {}".format(self._status))


def _from(here: str, root: str, node: str) -> str:
    """A node id, which starts from pytest's root, as it can be given to pytest where it was started."""
    file, separator, rest = node.partition("::")
    return os.path.relpath(os.path.join(root, file), here) + separator + rest


def _told(kind: str, message: str, text: str = "") -> Fault:
    fault = Fault(kind, message, text.splitlines())
    fault.is_told = True
    return fault
