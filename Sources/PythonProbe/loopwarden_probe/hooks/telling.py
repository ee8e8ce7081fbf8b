"""What hooks have in common that know a fault by the text of its exception."""

from __future__ import annotations

from .. import facts
from .base import Hook, Message
from .expected import Expected
from .raising import chain, is_raised_by

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType, TracebackType
    from typing import List, Tuple

    from ..probe import Probe
    from .raising import Raised

    # The frames that an exception has come through, innermost first, each with its line.
    Places = List[Tuple[FrameType, int]]

_MOST_PLACES = 20


class TellingHook(Hook):
    """Tells of an exception that comes out of the handler, and of one that is swallowed by an `except` that did not
    mean it. Who names its type there has expected it.
    """

    def __init__(self, probe: Probe) -> None:
        super().__init__(probe)
        self._expected = Expected(self.sites)

    def is_meant(self, message: Message, text: str) -> bool:
        """Whether a text that begins like `message` is one of its kind."""
        return True

    def is_expected(self, message: Message, raised: Raised) -> bool:
        """Whether who catches an exception has named its type."""
        return self._expected.is_expected(raised.frame, message.type.__name__)

    def tell(self, message: Message, error: BaseException, flags: int, site: int, places: Places) -> None:
        """Reports it. Neither `error` nor `places` must be kept: they hold the user's objects."""
        raise NotImplementedError

    def at_message(self, message: Message, raised: Raised) -> None:
        if raised.has_escaped:
            return  # at_raise looks at all that comes out
        if self.is_meant(message, raised.text) and not self.is_expected(message, raised):
            self.tell(message, raised.error, 0, raised.site, _of_frame(raised.frame))

    def at_raise(self, error: BaseException) -> None:
        for inner, outer, has_escaped in chain(error):
            text = inner.args[0] if inner.args else None
            traceback = inner.__traceback__
            if type(text) is not str or traceback is None:
                continue
            for message in self.raises:
                if type(inner) is not message.type or not message.matches(text) or not self.is_meant(message, text):
                    continue
                if is_raised_by(inner, message.raisers):
                    if has_escaped or not self._expected.was_expected(traceback, type(inner).__name__):
                        flags = facts.HAS_ESCAPED if has_escaped else facts.WAS_CAUGHT
                        self.tell(message, inner, flags, self.sites.of_traceback(*outer), _of_traceback(traceback))
                    break


def _of_frame(frame: FrameType | None) -> Places:
    places: Places = []
    while frame is not None and len(places) < _MOST_PLACES:
        places.append((frame, frame.f_lineno or 0))
        frame = frame.f_back
    return places


def _of_traceback(traceback: TracebackType | None) -> Places:
    places: Places = []
    while traceback is not None:
        places.append((traceback.tb_frame, traceback.tb_lineno))
        traceback = traceback.tb_next
    return places[: -_MOST_PLACES - 1 : -1]
