"""Watches a suite of tests as pytest runs it: which test, what became of it, which fixtures several tests share.

What pytest calls are the methods named as its hooks; pytest is not imported here.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator

    from .probe import Probe

_OWN_PACKAGES = ("_pytest", "pytest", "pluggy", "py")
_INSTALLED = ("site-packages", "dist-packages")
_LONGEST_TEXT = 60_000


class TestOutcome:
    """What became of one test: of its setup, its call and its teardown."""

    __test__ = False  # no test itself, whatever its name says

    def __init__(self) -> None:
        self.outcome = "passed"  # or failed, skipped, xfailed, xpassed
        self.reason = ""
        self.text = ""
        self.error: BaseException | None = None

    def add(self, report: Any) -> None:
        """Takes in one of pytest's reports."""
        text = _attribute(report, "longreprtext")
        if report.outcome == "failed":
            if self.outcome != "failed":
                self.outcome = "failed"
                self.reason = _reason(report)
            sections = ["{}\n{}".format(title.center(60, "-"), content) for title, content in report.sections]
            where = "" if report.when == "call" else "at {}:\n".format(report.when)
            added = where + "\n".join([text, *(section.rstrip("\n") for section in sections)])
            self.text = "\n".join(filter(None, (self.text, added)))[-_LONGEST_TEXT:]
        elif report.outcome == "skipped" and self.outcome == "passed":
            self.outcome = "xfailed" if hasattr(report, "wasxfail") else "skipped"
            self.reason = getattr(report, "wasxfail", "") or _skip_reason(report)
        elif self.outcome == "passed" and report.when == "call" and hasattr(report, "wasxfail"):
            self.outcome = "xpassed"
            self.reason = report.wasxfail


class Suite:
    """What the probe knows of a suite. A plugin of pytest's is made of it by `hooks`."""

    def __init__(self, probe: Probe) -> None:
        self.probe = probe
        self.notes: list[str] = []
        self.failures: list[str] = []  # of the collection
        self.outcome = TestOutcome()
        for name in _OWN_PACKAGES:
            self._add_host(sys.modules.get(name))
        _hide_own_frames()

    def begin(self) -> None:
        """Tells that the next test begins."""
        self.outcome = TestOutcome()

    # -- what pytest calls -------------------------------------------------------------------------------------------

    def pytest_plugin_registered(self, plugin: Any) -> None:
        """What installed plugins do without a line of the user's they do for themselves; conftest.py is the user's."""
        module = plugin if hasattr(plugin, "__file__") else sys.modules.get(type(plugin).__module__)
        self._add_host(module)

    def pytest_cmdline_main(self, config: Any) -> Iterator[None]:
        """Before all others: what is to be watched has to run here."""
        option = config.option
        if getattr(option, "numprocesses", None) or getattr(option, "dist", "no") != "no" or getattr(option, "tx", ()):
            option.numprocesses, option.dist, option.tx = 0, "no", []
            self.notes.append("pytest-xdist is off: all tests run in one process.")
        if hasattr(option, "looponfail"):
            option.looponfail = False
        yield

    def pytest_collectreport(self, report: Any) -> None:
        if report.outcome == "failed":
            self.failures.append("{}\n{}".format(report.nodeid, _attribute(report, "longreprtext")))

    def pytest_fixture_setup(self, fixturedef: Any, request: Any) -> Iterator[None]:
        is_shared = fixturedef.scope != "function"
        if is_shared:
            fixturedef.addfinalizer(self._shared_ended)  # runs last
        yield
        if is_shared:
            self.probe.shared()
            fixturedef.addfinalizer(self._shared_ending)

    def pytest_exception_interact(self, node: Any, call: Any, report: Any) -> None:
        if self.outcome.error is None:
            self.outcome.error = call.excinfo.value

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.outcome.add(report)

    # ----------------------------------------------------------------------------------------------------------------

    def _shared_ending(self) -> None:
        self.probe.is_ending_shared = True

    def _shared_ended(self) -> None:
        self.probe.is_ending_shared = False

    def _add_host(self, module: Any) -> None:
        """Takes a module for the host's; of a plugin's own package all of it."""
        file = getattr(module, "__file__", None)
        if not isinstance(file, str) or not any(part in file.split(os.sep) for part in _INSTALLED):
            return
        top = str(module.__name__).partition(".")[0]
        package = getattr(sys.modules.get(top), "__file__", None)
        # aiohttp and anyio bring a plugin each, and are libraries.
        is_own = top in _OWN_PACKAGES or top.startswith("pytest_")
        if is_own and isinstance(package, str) and os.path.basename(package) == "__init__.py":
            file = os.path.join(os.path.dirname(package), "")
        self.probe.sites.add_host(file)


def mark_hooks(cls: type, hookimpl: Any) -> None:
    """Says of the methods of a plugin's class how pytest is to call them; `hookimpl` is pytest's decorator."""
    options: dict[str, bool]
    for name, options in (
        ("pytest_plugin_registered", {}),
        ("pytest_cmdline_main", {"hookwrapper": True, "tryfirst": True}),
        ("pytest_collectreport", {}),
        ("pytest_fixture_setup", {"hookwrapper": True}),
        ("pytest_exception_interact", {}),
        ("pytest_runtest_logreport", {}),
        ("pytest_runtest_protocol", {"hookwrapper": True, "tryfirst": True}),
        ("pytest_runtestloop", {"tryfirst": True}),
        ("pytest_sessionfinish", {"hookwrapper": True, "tryfirst": True}),
    ):
        method = getattr(cls, name, None)
        if method is not None:
            hookimpl(**options)(method)


def _hide_own_frames() -> None:
    """Makes pytest leave the probe's frames out of tracebacks."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == __name__.partition(".")[0]:
            vars(module)["__tracebackhide__"] = True


def _attribute(report: Any, name: str) -> str:
    """The text of a report, which a plugin may have put something else into."""
    try:
        return str(getattr(report, name, "") or "")
    except Exception as error:
        return "{}: {}".format(type(error).__name__, error)


def _reason(report: Any) -> str:
    crash = getattr(getattr(report, "longrepr", None), "reprcrash", None)
    text = getattr(crash, "message", None) or _attribute(report, "longreprtext").rpartition("\n")[2]
    return str(text).partition("\n")[0]


def _skip_reason(report: Any) -> str:
    longrepr = getattr(report, "longrepr", None)
    text = str(longrepr[2]) if isinstance(longrepr, tuple) and len(longrepr) == 3 else ""
    return text[len("Skipped: ") :] if text.startswith("Skipped: ") else text
