"""Sees uvloop's transports being used after their loop was closed, which they tell in C and without naming the loop."""

from __future__ import annotations

import functools
import gc
import sys

from .. import facts
from .base import Hook, Message, too_deep
from .owning import attributes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any, Iterator

    from ..loops import LoopRecord
    from .raising import Raised

_SEES_EVERY_EXCEPTION = hasattr(sys, "monitoring")
_REFUSED = "unable to perform operation on <"
_OF_CLOSED = "; the handler is closed"
_NEAR = 6  # frames in which the transport may stand


class TransportingHook(Hook):
    """asyncio's transports go through their loop, and so run into its tombstone; uvloop's do not.

    They say the same when only they themselves were closed, so a closed loop has to be found, too.
    """

    name = "transporting"
    raises = (Message(RuntimeError, _REFUSED, is_prefix=True),)

    def attach_uvloop(self, uvloop: Any) -> None:
        streams = sys.modules.get("asyncio.streams")
        if not _SEES_EVERY_EXCEPTION and streams is not None:
            # Where most of them are used; of the others is known what comes out of the handler.
            self.patches.replace(streams.StreamWriter, "write", self._wrap)
            self.patches.replace(streams.StreamWriter, "writelines", self._wrap)

    def _wrap(self, original: Any) -> Any:
        @functools.wraps(original)
        def write(writer: Any, data: Any) -> None:
            try:
                original(writer, data)
            except RuntimeError as error:
                self._refused(writer, error)
                raise

        return write

    def _refused(self, writer: Any, error: RuntimeError) -> None:
        if self.is_on:
            try:
                text = error.args[0] if error.args else None
                if type(text) is str and text.startswith(_REFUSED) and text.endswith(_OF_CLOSED):
                    self._tell(self.known(id(writer._loop)), self.locate(2)[0])
            except RecursionError:
                too_deep()
            except Exception as failure:
                self.failed(failure)

    def at_message(self, message: Message, raised: Raised) -> None:
        """:raises Exception: what goes wrong; the caller takes care of it."""
        if not raised.text.endswith(_OF_CLOSED):
            return
        if raised.has_escaped and raised.frame.f_code.co_filename.endswith("streams.py"):
            return  # seen already
        for record in self._loops_near(raised.frame):
            if record.closed:
                self._tell(record, raised.site)
                return

    def _loops_near(self, frame: FrameType | None) -> Iterator[LoopRecord]:
        """The loops of what stands in the local variables of a frame and its callers, and in the attributes of that."""
        for _ in range(_NEAR):
            if frame is None:
                return
            for value in list(frame.f_locals.values()):
                for candidate in (value, *attributes(value)):
                    record = self.known(id(candidate))
                    if record is not None:
                        yield record
                    elif type(candidate).__module__ == "uvloop.loop":
                        for referent in gc.get_referents(candidate):
                            record = self.known(id(referent))
                            if record is not None:
                                yield record
            frame = frame.f_back

    def _tell(self, record: LoopRecord | None, site: int) -> None:
        if record is not None and record.closed:
            detail = self.journal.string("transport")
            self.journal.event(facts.USED_AFTER_CLOSE, facts.THROUGH_TRANSPORT, record.serial, site, detail)
