"""Sees a coroutine used as if it were its result: the await is missing, and what is done with it fails."""

from __future__ import annotations

from types import CodeType

from .. import facts
from ..tasks import is_unstarted, name_of
from .base import Message
from .mentioning import names_of_line
from .raising import chain
from .telling import TellingHook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

    from .telling import Places

_MOST_TOLD = 1000
# The ids of coroutines that were told of: that they are dropped is no news. The collector may take its time.
_told: set[int] = set()


class UsingHook(TellingHook):
    name = "using"
    raises = (
        Message(AttributeError, "'coroutine' object has no attribute ", is_prefix=True, raisers=()),
        Message(TypeError, "'coroutine' object is not subscriptable", raisers=()),
        Message(TypeError, "'coroutine' object is not iterable", raisers=()),
        Message(TypeError, "'coroutine' object is not callable", raisers=()),
        Message(TypeError, "'coroutine' object does not support item assignment", raisers=()),
        Message(TypeError, "cannot unpack non-iterable coroutine object", raisers=()),
        Message(TypeError, "argument of type 'coroutine' is not iterable", raisers=()),
        Message(TypeError, "object of type 'coroutine' has no len()", raisers=()),
        Message(TypeError, "Object of type coroutine is not JSON serializable", raisers=("json",)),
    )

    def tell(self, message: Message, error: BaseException, flags: int, site: int, places: Places) -> None:
        if not site:
            return  # the handler has returned it; when the host drops it, that is told
        name, related = "", []
        coroutine = getattr(error, "obj", None) or _coroutine(places)  # AttributeError has it from 3.10 on
        if not hasattr(coroutine, "cr_code"):
            coroutine = None
        if coroutine is not None:
            name = name_of(coroutine)
            related = [("defined", self.sites.of_code(coroutine.cr_code), self.journal.ordinal)]
            _expect_drop(coroutine)
        self.report(facts.NEVER_AWAITED, facts.USED_AS_RESULT, 0, site, name, 0, related)

    def at_raise(self, error: BaseException) -> None:
        super().at_raise(error)
        for inner, outer, has_escaped in chain(error):
            text = inner.args[0] if type(inner) is TypeError and inner.args else None
            if has_escaped and type(text) is str and text.startswith("unhashable type: "):
                given = _given_to_gather(inner.__traceback__)
                for coroutine in given:
                    _expect_drop(coroutine)
                if given:
                    related = [("defined", self.sites.of_code(given[0].cr_code), self.journal.ordinal)]
                    flags = facts.USED_AS_RESULT | facts.GIVEN_IN_LIST
                    site = self.sites.of_traceback(*outer)
                    self.report(facts.NEVER_AWAITED, flags, 0, site, name_of(given[0]), 0, related)


def _given_to_gather(traceback: TracebackType | None) -> list[Any]:
    """The coroutines in a list that was given to gather(), which wants each by itself."""
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    if traceback is None:
        return []
    frame = traceback.tb_frame
    if frame.f_code.co_name not in ("gather", "_gather") or frame.f_globals.get("__name__") != "asyncio.tasks":
        return []
    for name in ("arg", "coros_or_futures"):
        given: Any = frame.f_locals.get(name)
        given = given[0] if type(given) is tuple and given else given
        if type(given) in (list, set, tuple):
            return [each for each in given if is_unstarted(each)]
    return []


def _expect_drop(coroutine: Any) -> None:
    if len(_told) < _MOST_TOLD:
        _told.add(id(coroutine))


def was_told(coroutine: Any) -> bool:
    """Whether a coroutine that is dropped was told of; once."""
    if id(coroutine) not in _told:
        return False
    _told.remove(id(coroutine))
    return True


def _coroutine(places: Places) -> Any:
    """The coroutine that a variable in the innermost line holds; None where none does."""
    for frame, line in places[:1]:
        names = names_of_line(frame.f_code, line)[0]
        for name, value in list(frame.f_locals.items()):
            if name in names and type(getattr(value, "cr_code", None)) is CodeType and is_unstarted(value):
                return value
    return None
