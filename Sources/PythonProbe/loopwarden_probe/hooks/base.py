"""What every hook has in common: being attached, detached, and disabled by its own failure."""

from __future__ import annotations

import sys

from .. import facts
from ..patches import MissingName, Patches

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Callable

    from ..probe import Probe

# CPython 3.8 ends the whole process when a program that has met a RecursionError goes on downwards.
_MUST_TELL_OF_DEPTH = sys.version_info < (3, 9)


def too_deep() -> None:
    """What a hook does about a RecursionError of its own: it goes without the event.

    :raises RecursionError: the one being handled, on CPython 3.8, where the program would not survive not knowing.
    """
    if _MUST_TELL_OF_DEPTH:
        raise


class Hook:
    """Watches one thing in asyncio, and the same thing in uvloop.

    A subclass names itself and defines `attach_asyncio` and, where uvloop needs something of its own, `attach_uvloop`.
    """

    name = ""

    def __init__(self, probe: Probe) -> None:
        self.probe = probe
        self.journal = probe.journal
        self.loops = probe.loops
        self.known = probe.loops.known
        self.locate = probe.sites.locate
        self.patches = Patches()
        self.is_on = True

    def attach(self, library: ModuleType) -> None:
        """Patches `library`, which has just been imported. Whatever goes wrong is recorded, never raised."""
        attach: Callable[[Any], None] = getattr(self, "attach_" + library.__name__)
        try:
            if self.is_on:
                attach(library)
        except MissingName as missing:
            self.missing(str(missing))
        except Exception as error:
            self.failed(error)

    def attach_asyncio(self, asyncio: Any) -> None:
        """Nothing to patch, unless a subclass says so."""

    def attach_uvloop(self, uvloop: Any) -> None:
        """Nothing to patch, unless a subclass says so: uvloop goes through asyncio here."""

    def detach(self) -> None:
        """Takes the hook out. A wrapper that somebody still holds stays, and does nothing."""
        self.is_on = False
        self.patches.undo()

    def missing(self, name: str) -> None:
        """Records that this interpreter has no `name`, so that the daemon knows what it cannot see."""
        self.journal.event(facts.HOOK_MISSING, 0, 0, 0, self.journal.string(name))
        self.probe.disabled.append((self.name, "{} does not exist".format(name)))

    def failed(self, error: Exception) -> None:
        """Takes the hook out for good after an error of its own, and says so in one event."""
        if not self.is_on:
            return
        try:
            self.is_on = False
            text = "{}: {}: {}".format(self.name, type(error).__name__, error)
            self.probe.disabled.append((self.name, text))
            self.journal.event(facts.PROBE_FAILED, 0, 0, 0, self.journal.string(text))
            self.patches.undo()
        except Exception:
            pass  # the journal itself is broken; the program that is watched must not notice
