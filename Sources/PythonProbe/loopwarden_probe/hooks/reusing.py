"""Sees a coroutine awaited a second time: one that was kept, by a cache or a module, from an earlier invocation."""

from __future__ import annotations

from .. import facts
from ..sites import USER
from .base import Message
from .mentioning import names_of_line
from .telling import TellingHook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType

    from .telling import Places

_IS_COROUTINE_FUNCTION = 0x80  # of code's flags


class ReusingHook(TellingHook):
    name = "reusing"
    raises = (
        Message(RuntimeError, "cannot reuse already awaited coroutine"),
        Message(RuntimeError, "coroutine is being awaited already"),
    )

    def tell(self, message: Message, error: BaseException, flags: int, site: int, places: Places) -> None:
        name, related = "", []
        code = self._code(places)
        if code is not None:
            name = code.co_name
            related = [("defined", self.sites.of_code(code), self.journal.ordinal)]
        self.report(facts.COROUTINE_REUSED, flags, 0, site, name, 0, related)

    def _code(self, places: Places) -> CodeType | None:
        """Of the coroutine's function, where the user's line names one of the two; else None."""
        for frame, line in places:
            if self.sites.kind_of(frame.f_code) == USER:
                namespace = frame.f_globals
                for name in sorted(names_of_line(frame.f_code, line)[0]):
                    value = namespace.get(name)
                    code = getattr(value, "cr_code", None)
                    if code is not None:
                        return code  # type: ignore[no-any-return]
                    # Of functools.lru_cache, and others that wrap.
                    code = getattr(getattr(value, "__wrapped__", None), "__code__", None)
                    if code is not None and code.co_flags & _IS_COROUTINE_FUNCTION:
                        return code  # type: ignore[no-any-return]
                return None
        return None
