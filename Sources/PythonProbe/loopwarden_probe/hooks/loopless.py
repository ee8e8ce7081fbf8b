"""Sees that somebody asks for a loop where there is none, and does not take the error for an answer.

Libraries ask to find out, and so do applications: `try: get_running_loop()` and `except RuntimeError:`; see
expected.py. What is told is what only a wider `except` has swallowed, and what came out of the handler.
"""

from __future__ import annotations

from .. import facts
from ..sites import HOST, LIBRARY, USER
from .base import Hook, Message
from .expected import Expected
from .raising import chain, is_raised_by

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

    from ..probe import Probe
    from .raising import Raised

_NO_CURRENT = Message(
    RuntimeError, "There is no current event loop", is_prefix=True, modules=("asyncio.events", "uvloop")
)
_NO_RUNNING = Message(RuntimeError, "no running event loop")
_KINDS = {_NO_CURRENT: facts.NO_CURRENT_LOOP, _NO_RUNNING: facts.NO_RUNNING_LOOP}


class LooplessHook(Hook):
    name = "loopless"
    libraries = ("uvloop",)
    raises = (_NO_CURRENT, _NO_RUNNING)

    def __init__(self, probe: Probe) -> None:
        super().__init__(probe)
        self._expected = Expected(self.sites)

    def at_message(self, message: Message, raised: Raised) -> None:
        if raised.has_escaped:
            return  # at_raise looks at all that comes out
        frame: FrameType | None = raised.frame
        if message is _NO_RUNNING and not self._is_users_call(frame):
            return
        is_expected = self._expected.is_expected(frame, "RuntimeError")
        if message is _NO_CURRENT or not is_expected:
            # The text names the thread, and so does the event.
            self.report(_KINDS[message], facts.IS_EXPECTED if is_expected else 0, 0, raised.site, message.text)

    def at_raise(self, error: BaseException) -> None:
        for inner, outer, has_escaped in chain(error):
            text = inner.args[0] if inner.args else None
            if type(inner) is not RuntimeError or type(text) is not str or inner.__traceback__ is None:
                continue
            for message, kind in _KINDS.items():
                if message.matches(text) and is_raised_by(inner, message.raisers):
                    if has_escaped or not self._expected.was_expected(inner.__traceback__, "RuntimeError"):
                        flags = facts.HAS_ESCAPED if has_escaped else facts.WAS_CAUGHT
                        self.report(kind, flags, 0, self.sites.of_traceback(*outer), message.text)

    def _is_users_call(self, frame: FrameType | None) -> bool:
        """Whether the user's code has called asyncio by itself, rather than a library that looks for a loop.

        logging asks for each record which task it comes from (3.12+), and is such a library.
        """
        while frame is not None:
            kind = self.sites.kind_of(frame.f_code)
            if kind in (USER, LIBRARY, HOST):
                return kind == USER
            if not str(frame.f_globals.get("__name__")).startswith("asyncio"):
                return False
            frame = frame.f_back
        return False
