"""Replaces attributes of modules and classes, and puts them back."""

from __future__ import annotations

import weakref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Callable, Union

    Owner = Union[ModuleType, type]

_ABSENT = object()


class MissingName(Exception):
    """The interpreter or library at hand does not have the name that a hook wants to replace."""


class Patches:
    """What one hook has replaced. Owners are held weakly: a patch keeps no class of the user's alive."""

    def __init__(self) -> None:
        self._undo: list[tuple[Callable[[], Any], str, Any, Any]] = []

    def replace(self, owner: Owner, name: str, make: Callable[[Any], Any]) -> None:
        """Sets `owner.name` to `make(original)`.

        :raises MissingName: when there is nothing to replace.
        """
        original = getattr(owner, name, _ABSENT)
        if original is _ABSENT:
            raise MissingName("{}.{}".format(getattr(owner, "__name__", owner), name))
        self.add(owner, name, make(original))

    def add(self, owner: Owner, name: str, value: Any) -> None:
        """Sets `owner.name`, which may be new, or inherited so far."""
        before = vars(owner).get(name, _ABSENT)
        setattr(owner, name, value)
        self._undo.append((weakref.ref(owner), name, before, value))

    def undo(self) -> None:
        """Puts everything back, newest first, except where another tool has patched over us."""
        while self._undo:
            reference, name, before, ours = self._undo.pop()
            owner = reference()
            if owner is None or vars(owner).get(name, _ABSENT) is not ours:
                continue
            if before is _ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, before)
