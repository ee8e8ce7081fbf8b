"""The probe as a whole: a journal, the known loops, and the hooks that fill the one from the other."""

from __future__ import annotations

from types import CodeType

from .audit import Audit
from .hooks import ALL_HOOKS, Hook
from .journal import Journal
from .lazy import AfterImport
from .loops import Loops
from .sites import FileKinds, Sites

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Callable, Iterable, Sized

# Others are named by the hooks that want them.
WATCHED_LIBRARIES = ("asyncio", "uvloop")
_ALWAYS = (True,)


class Probe:
    """Observes the event loops of this process from `install()` to `uninstall()`.

    :param root: the folder of the user's code; sites in it are named relative to it.
    :param libraries: other folders with the user's modules, and what pip has put beside these, such as layers.
    :param hosts: folders of the code that calls the user's and is not to be blamed for loops.
    :param is_deep: whether to watch also what costs something for each task and callback.
    :param reads_sources: whether to look for advice in the sources of what was loaded.
    :param is_suite: whether the invocations are the tests of a suite; see suite.py.
    """

    def __init__(
        self,
        journal: Journal | None = None,
        root: str | None = None,
        libraries: Iterable[str] = (),
        hosts: Iterable[str] = (),
        is_deep: bool = False,
        reads_sources: bool = False,
        is_suite: bool = False,
    ) -> None:
        self.is_deep = is_deep
        self.reads_sources = reads_sources
        self.is_suite = is_suite
        self.is_suite_over = False
        self.is_ending_shared = False  # a fixture that several tests have shared is being torn down
        self.expects_cancellation = False  # when what came out of the handler was cancelled on purpose
        #: Whether the environment is frozen after each answer, so that no loop goes on.
        self.freezes = False
        self.own_descriptors: tuple[int, ...] = ()  # those of the worker
        self.handler: CodeType | None = None  # of the function that is called, where it is one of Python's
        self.journal = Journal() if journal is None else journal
        self.sites = Sites(self.journal, FileKinds(root, libraries, hosts, is_suite), is_suite)
        self.loops = Loops(self.journal)
        self.audit = Audit(self.journal, self.loops)
        self.disabled: list[tuple[str, str]] = []
        self.hooks = [hook(self) for hook in ALL_HOOKS]
        self._libraries = (*WATCHED_LIBRARIES, *(name for hook in self.hooks for name in hook.libraries))
        self._after_import = AfterImport(self._libraries, self._attach)
        # By moment: what is all empty where nobody has anything to do, and whom to call.
        self._moments: dict[str, tuple[list[Sized], list[tuple[Sized, Hook, Callable[..., None]]]]] = {}
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
            self._after_import = AfterImport(self._libraries, self._attach)

    # -- the life of an environment ---------------------------------------------------------------------------------

    def ahead(self) -> None:
        """Tells that asyncio is imported and that there is time, before it is known what this process will be."""
        self._tell("at_ahead")

    def loaded(self, handler: object = None) -> None:
        """Tells that the module of `handler` has been imported."""
        function = getattr(handler, "__wrapped__", handler)
        code = getattr(function, "__code__", None)
        self.handler = code if type(code) is CodeType else None
        self._tell("at_loaded")

    def refused(self, error: BaseException) -> None:
        """Tells that the handler cannot be loaded, because `error` came out of its module."""
        self._tell("at_raise", error)

    def returned(self, error: BaseException | None = None) -> None:
        """Tells that the handler has returned or let out `error`, and that its host has not cleared away yet."""
        if error is not None:
            self._tell("at_raise", error)
        self.audit.slot()
        self._tell("at_return")

    def ended(self) -> None:
        """Tells that an invocation is over."""
        self.audit.open_loops()
        self._tell("at_end")

    def resting(self) -> None:
        """Tells that the process is about to be stopped until the next invocation."""
        self._tell("at_rest")

    def waking(self) -> None:
        """Tells that the next invocation is about to begin."""
        self._tell("at_wake")

    def shared(self) -> None:
        """Tells that what has been set up by now is shared by several tests of a suite, as a fixture of a module is."""
        self._tell("at_shared")

    def _tell(self, moment: str, *arguments: object) -> None:
        """Calls the hooks that have something to do at a moment; one that fails takes itself out."""
        known = self._moments.get(moment)
        if known is None:
            idle = getattr(Hook, moment)
            hooks = [hook for hook in self.hooks if getattr(type(hook), moment) is not idle]
            calls = [(hook.needs.get(moment, _ALWAYS), hook, getattr(hook, moment)) for hook in hooks]
            known = self._moments[moment] = [needs for needs, _, _ in calls], calls
        if not any(known[0]):
            return
        for needs, hook, call in known[1]:
            if needs and hook.is_on and self.is_installed:
                try:
                    call(*arguments)
                except Exception as error:
                    hook.failed(error)

    def _attach(self, library: ModuleType) -> None:
        for hook in self.hooks:
            hook.attach(library)
        self._moments.clear()  # some hooks know only now what they need
