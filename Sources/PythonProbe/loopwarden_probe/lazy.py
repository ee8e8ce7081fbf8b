"""Runs something right after a module has been imported, without importing it.

Importing asyncio takes 35 to 50 ms, which a handler that never uses it must not pay.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any, Callable, Sequence


class AfterImport:
    """A finder that finds nothing itself: it asks the others, and hooks into the loader of the modules it waits for."""

    def __init__(self, names: Sequence[str], action: Callable[[ModuleType], None]) -> None:
        self._waiting = set(names)
        self._action = action

    def install(self) -> None:
        """Acts at once for what is imported already, and waits for the rest."""
        for name in sorted(self._waiting):  # asyncio before uvloop
            module = sys.modules.get(name)
            if module is not None:
                self._waiting.discard(name)
                self._action(module)
        if self._waiting and self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def uninstall(self) -> None:
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> ModuleSpec | None:
        """The import system's question; the answer is another finder's."""
        if name not in self._waiting:
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            if finder is self or find is None:
                continue
            spec: ModuleSpec | None = find(name, path, target)
            if spec is not None:
                self._watch(name, spec)
                return spec
        return None

    def _watch(self, name: str, spec: ModuleSpec) -> None:
        loader: Any = spec.loader
        try:
            execute = loader.exec_module

            def exec_module(module: ModuleType) -> None:
                del loader.exec_module
                execute(module)
                self._waiting.discard(name)
                self._action(module)

            # On the instance: a loader of our own would show in the module's __loader__.
            loader.exec_module = exec_module
        except AttributeError:
            pass  # an unusual loader; the module goes unwatched rather than unimported
