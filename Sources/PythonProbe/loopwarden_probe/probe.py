"""The probe as a whole: a journal, the known loops, and the hooks that fill the one from the other."""

from __future__ import annotations

from .audit import Audit
from .hooks import ALL_HOOKS
from .journal import Journal
from .lazy import AfterImport
from .loops import Loops
from .sites import FileKinds, Sites

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Iterable

WATCHED_LIBRARIES = ("asyncio", "uvloop")


class Probe:
    """Observes the event loops of this process from `install()` to `uninstall()`.

    :param root: the folder of the user's code; sites in it are named relative to it.
    :param libraries: folders whose files are nobody's own code.
    :param hosts: folders of the code that calls the user's and is not to be blamed for loops.
    """

    def __init__(
        self,
        journal: Journal | None = None,
        root: str | None = None,
        libraries: Iterable[str] = (),
        hosts: Iterable[str] = (),
    ) -> None:
        self.journal = Journal() if journal is None else journal
        self.sites = Sites(self.journal, FileKinds(root, libraries, hosts))
        self.loops = Loops(self.journal)
        self.audit = Audit(self.journal, self.loops)
        self.disabled: list[tuple[str, str]] = []
        self.hooks = [hook(self) for hook in ALL_HOOKS]
        self._after_import = AfterImport(WATCHED_LIBRARIES, self._attach)
        self.is_installed = False

    def install(self) -> None:
        """Begins to observe; asyncio and uvloop are not imported by it but awaited."""
        if not self.is_installed:
            self.is_installed = True
            for hook in self.hooks:
                hook.is_on = True
            self._after_import.install()

    def uninstall(self) -> None:
        """Puts everything back that `install` changed."""
        if self.is_installed:
            self.is_installed = False
            self._after_import.uninstall()
            for hook in reversed(self.hooks):
                hook.detach()
            self.loops.forget_classes()
            self._after_import = AfterImport(WATCHED_LIBRARIES, self._attach)

    def _attach(self, library: ModuleType) -> None:
        for hook in self.hooks:
            hook.attach(library)
