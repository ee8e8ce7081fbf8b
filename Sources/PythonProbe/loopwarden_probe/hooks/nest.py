"""Sees nest_asyncio being applied, or failing to be, and what fails because it was."""

from __future__ import annotations

import functools
import sys

from .. import facts
from ..sites import WIRE_FLAGS
from .base import Hook, Message, too_deep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .raising import Raised

# Its asyncio.run has the arguments of CPython 3.8's. The interpreter raises this, in the frame of the caller.
_NO_FACTORY = Message(TypeError, "_patch_asyncio.<locals>.run() got an unexpected keyword argument 'loop_factory'")


class NestHook(Hook):
    name = "nest"
    libraries = ("nest_asyncio", "nest_asyncio2")
    raises = (_NO_FACTORY,)

    def attach_nest_asyncio(self, module: Any) -> None:
        self.patches.replace(module, "apply", functools.partial(self._wrap, module.__name__))

    attach_nest_asyncio2 = attach_nest_asyncio

    def at_message(self, message: Message, raised: Raised) -> None:
        name = "nest_asyncio2" if "nest_asyncio2" in sys.modules else "nest_asyncio"
        self.report(facts.NEST_ASYNCIO, facts.HAS_NO_FACTORY, 0, raised.site, name)

    def _wrap(self, name: str, original: Any) -> Any:
        @functools.wraps(original)
        def apply(*args: Any, **kwargs: Any) -> Any:
            was_applied = _is_applied()
            try:
                result = original(*args, **kwargs)
            except ValueError:  # "Can't patch loop of type <class 'uvloop.Loop'>"
                self._applied(name, facts.WAS_REFUSED)
                raise
            if not was_applied:
                self._applied(name, 0)
            return result

        return apply

    def _applied(self, name: str, flags: int) -> None:
        if self.is_on:
            try:
                site, bits = self.locate(2)
                if not bits & WIRE_FLAGS & facts.BY_HOST:
                    self.report(facts.NEST_ASYNCIO, flags, 0, site, name)
            except RecursionError:
                too_deep()
            except Exception as error:
                self.failed(error)


def _is_applied() -> bool:
    """Whether one of the two has already replaced what is asyncio's. A loop of another thread makes no difference."""
    asyncio = sys.modules.get("asyncio")
    return hasattr(asyncio, "_nest_patched") or hasattr(asyncio, "_nest_asyncio")
