"""Sees asynchronous generators that are left suspended when their loop is closed, so that they never end."""

from __future__ import annotations

import functools
import gc
import weakref

from .. import facts
from .base import Hook, too_deep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

_MOST_DROPPED = 100


class AbandoningHook(Hook):
    """asyncio and uvloop know the generators that have begun in a loop, and close them when they are told to.

    A generator that is dropped before its end they close by a task, for which the loop may have no time any more.
    """

    name = "abandoning"

    def __init__(self, probe: Any) -> None:
        super().__init__(probe)
        # Generators that were dropped, weakly, and the serials of their loops.
        self._dropped: list[tuple[int, weakref.ref[Any]]] = []

    def attach_asyncio(self, asyncio: Any) -> None:
        base = asyncio.base_events.BaseEventLoop
        self.patches.replace(base, "_asyncgen_finalizer_hook", self._wrap_finalizer)
        self.patches.replace(base, "close", functools.partial(self._wrap_close, None))

    def attach_uvloop(self, uvloop: Any) -> None:
        self.patches.replace(uvloop.Loop, "_asyncgen_finalizer_hook", self._wrap_finalizer)
        self.patches.replace(uvloop.Loop, "close", functools.partial(self._wrap_close, _uvloop_generators))

    def _wrap_finalizer(self, original: Any) -> Any:
        @functools.wraps(original)
        def _asyncgen_finalizer_hook(loop: Any, generator: Any) -> None:
            original(loop, generator)
            if self.is_on and generator.ag_frame is not None:
                try:
                    record = self.known(id(loop))
                    if record is not None and not record.closed and len(self._dropped) < _MOST_DROPPED:
                        self._dropped.append((record.serial, weakref.ref(generator)))
                except RecursionError:
                    too_deep()
                except Exception as error:
                    self.failed(error)

        return _asyncgen_finalizer_hook

    def _wrap_close(self, generators: Any, original: Any) -> Any:
        """:param generators: finds those of a loop; None: they are asyncio's, and it shows whether there are any."""
        known = self.known

        @functools.wraps(original)
        def close(loop: Any) -> None:
            try:
                is_clean = generators is None and not self._dropped and not loop._asyncgens.data
            except AttributeError:
                is_clean = False
            if is_clean:
                original(loop)  # as nearly always
                return
            record = known(id(loop)) if self.is_on else None
            if record is None or record.closed:
                original(loop)
                return
            # Held meanwhile: the close drops what was to end them, and them with it.
            dropped = self._of(record.serial) if self._dropped else ()
            original(loop)
            try:
                if generators is not None:
                    left = generators(loop)
                else:
                    left = loop._asyncgens.data and list(loop._asyncgens)  # the set itself: ten times as fast
                if left or dropped:
                    self._look_at(record.serial, [*left, *dropped])
            except RecursionError:
                too_deep()
            except Exception as error:
                self.failed(error)

        return close

    def _of(self, serial: int) -> list[Any]:
        """The generators of a loop that were dropped and are still there; they are known no longer."""
        dropped, self._dropped = self._dropped, []
        found: list[Any] = []
        for owner, reference in dropped:
            generator = reference()
            if generator is not None:
                if owner == serial:
                    found.append(generator)
                else:
                    self._dropped.append((owner, reference))
        return found

    def _look_at(self, serial: int, left: list[Any]) -> None:
        told: set[CodeType] = set()
        for generator in left:
            # One that runs is waited for by a task, which is told of instead.
            if generator.ag_frame is None or generator.ag_running or generator.ag_code in told:
                continue
            told.add(generator.ag_code)
            site = self.sites.of_suspended(generator)
            self.report(facts.ASYNCGEN_UNCLOSED, 0, serial, site, generator.ag_code.co_name)


def _uvloop_generators(loop: Any) -> list[Any]:
    """Those that have begun in a loop of uvloop's, which shows its set of them to the garbage collector only."""
    for each in gc.get_referents(loop):
        if type(each) is weakref.WeakSet and len(each):
            found = [thing for thing in each if hasattr(thing, "ag_frame")]
            if found:
                return found
    return []
