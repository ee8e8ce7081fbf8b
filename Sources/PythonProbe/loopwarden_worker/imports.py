"""How long modules take to be imported while a handler is loaded and called for the first time.

For each module that it has to load, the import system enters a context manager, which it looks up by its name; here a
class that notes the time stands in for it. So nothing of this is on the stack while a module is imported, no finder and
no loader is another, and what is imported already costs nothing.
"""

from __future__ import annotations

import itertools
import os
import sys
from _thread import _count, get_ident
from sys import _getframe
from time import monotonic_ns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Flags of what is told of a module.
OWN = 1  # the function's: its code must run anew in each environment
ELSEWHERE = 2  # in a folder that the handler has put into sys.path: a zygote would not find it
LATE = 4  # imported by the first invocation
THREAD = 8  # leaves a thread running

_OURS = 16  # the worker's or the probe's, and never told
_PACKAGES = frozenset((__name__.partition(".")[0], "loopwarden_probe"))
_MOST_MODULES = 20
_MOST_OWN = 5
_SHORTEST_NS = 200_000  # what takes less is nothing to anybody
_LONGEST_NAME = 200
_MOST_IMPORTS = 20_000

#: Of each import that is over: its number, which it was given at its beginning; that of the import in which it happened
#: (none: _ROOT, and where the worker itself has asked for it _FOR_US); the module; the time, and of it that of what it
#: has imported in turn; how many threads more there were afterwards.
_imports: list[tuple[int, int, str, int, int, int]] = []
_stacks: dict[int, list[list[int]]] = {}  # of each thread, the imports under way
_next_number = itertools.count().__next__
_ROOT, _FOR_US = -1, -2

_bootstrap: Any = sys.modules.get("_frozen_importlib")
_usual: Any = getattr(_bootstrap, "_ModuleLockManager", None)


class ImportWatch:
    """Notes every module that is loaded between `start` and `stop`; one for each process.

    :param handler: what the function's own module is called, with the name of the handler or without.
    :param root: the function's folder, which stands in `sys.path` now.
    """

    def __init__(self, handler: str, root: str) -> None:
        self._own = handler.replace("/", ".").partition(".")[0]
        self._root = os.path.join(root, "")
        self._paths = tuple([os.path.join(path, "") for path in sys.path if path and path != root])
        # Such as those of a virtual environment beside the handler.
        self._paths_inside = tuple([path for path in self._paths if path.startswith(self._root)])
        self._told = 0  # of the imports
        self._late = 0
        self._kinds: dict[str, int] = {}

    def start(self) -> None:
        """Begins to look; where the import system is another, nothing is noted."""
        if _ours is not None:
            _bootstrap._ModuleLockManager = _ours

    def stop(self) -> None:
        """Puts the import system back as it was."""
        if _ours is not None and _bootstrap._ModuleLockManager is _ours:
            _bootstrap._ModuleLockManager = _usual

    def report(self) -> dict[str, Any] | None:
        """What was noted since the last call, for the daemon; None: there was nothing to note it with.

        Of what the user's own code imports (`boto3`), or a library later on (`botocore.signers`), the slowest; the time
        of each is that of all which it imports in turn, but for the function's own modules.
        """
        if _ours is None:
            return None
        late, self._late = self._late, LATE
        done = sorted(_imports[self._told :])
        self._told += len(done)
        totals: dict[str, list[int]] = {}  # by the name: the whole time, its own, flags
        places: dict[int, tuple[int, list[int] | None]] = {}  # by the number: the kind, and to what the time is added
        everything = 0
        for number, parent, name, time, within, threads in done:
            kind = self._kind_of(name)
            above, total = places.get(parent, (_OURS, None))
            if kind == _OURS:
                total = None
            elif kind & OWN or parent == _ROOT or above & OWN:
                total = None
                if name in sys.modules:  # what could not be imported cannot be preloaded
                    total = totals.setdefault(name, [0, 0, kind | late])
                    total[1] += time - within
            places[number] = kind, total
            if total is None:
                continue
            total[0] += time - within
            if threads > 0:
                total[2] |= THREAD
            if not total[2] & OWN:
                everything += time - within
        slowest = sorted(totals.items(), key=lambda item: -item[1][0])
        told: list[list[Any]] = []
        for is_own, most in ((False, _MOST_MODULES), (True, _MOST_OWN)):
            chosen = [item for item in slowest if bool(item[1][2] & OWN) == is_own and item[1][0] >= _SHORTEST_NS]
            told += [[name, *numbers] for name, numbers in chosen[:most] if len(name) <= _LONGEST_NAME]
        return {"total": everything, "modules": told}

    def _kind_of(self, name: str) -> int:
        top = name.partition(".")[0]
        kind = self._kinds.get(top)
        if kind is None:
            try:
                kind = self._kind_of_package(top)
            except Exception:
                kind = 0  # not there any more, or a module unlike others
            self._kinds[top] = kind
        return kind

    def _kind_of_package(self, top: str) -> int:
        if top in _PACKAGES:
            return _OURS
        if top == self._own:
            return OWN
        module: Any = sys.modules[top]
        place = getattr(module, "__file__", None)
        if place is None:
            folders = list(getattr(module, "__path__", ()))
            if not folders:
                return 0  # built in
            place = os.path.join(folders[0], "")
        if place.startswith(self._root) and not place.startswith(self._paths_inside):
            return OWN
        if place.startswith(self._paths):
            return 0
        added = [os.path.join(path, "") for path in sys.path]
        return ELSEWHERE if place.startswith(tuple(path for path in added if path not in self._paths)) else 0


def _noting(usual: Any) -> Any:
    """The import system's own class, with a note of the time when it is entered and left; None: it is not as known."""
    try:
        usual("loopwarden")._name  # noqa: B018 - whether it is there
        enter, leave = usual.__enter__, usual.__exit__
    except Exception:
        return None

    class _ModuleLockManager(usual):  # type: ignore[misc]
        def __enter__(self) -> None:
            # Before it has the lock, which it would keep if this failed.
            try:
                thread = get_ident()
                stack = _stacks.get(thread)
                if stack is None:
                    stack = _stacks[thread] = []
                stack.append([_next_number(), monotonic_ns(), 0, _count(), id(self)])
            except Exception:
                pass
            enter(self)

        def __exit__(self, *details: Any) -> Any:
            try:
                now = monotonic_ns()
                stack = _stacks[get_ident()]
                while stack:  # what could not be entered is still there
                    number, began, within, threads, manager = stack.pop()
                    if manager == id(self):
                        parent = _ROOT
                        if stack:
                            parent = stack[-1][0]
                            stack[-1][2] += now - began
                        elif _is_for_us():
                            parent = _FOR_US
                        if len(_imports) < _MOST_IMPORTS:
                            _imports.append((number, parent, self._name, now - began, within, _count() - threads))
                        break
            except Exception:
                pass
            return leave(self, *details)

    return _ModuleLockManager


def _is_for_us() -> bool:
    """Whether it is the worker or the probe that wants the module."""
    frame: Any = _getframe(3)  # above this, `__exit__`, and `_find_and_load`
    while frame is not None:
        name = frame.f_globals.get("__name__") or ""
        if not name.startswith("importlib") and name != "_frozen_importlib":
            return bool(name.partition(".")[0] in _PACKAGES)
        frame = frame.f_back
    return False


_ours = _noting(_usual)
