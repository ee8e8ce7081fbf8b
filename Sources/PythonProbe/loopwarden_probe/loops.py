"""What the probe knows of each loop: a serial number for life, and which loops are open."""

from __future__ import annotations

import weakref
from itertools import count

from . import facts
from .sites import IN_RUN, WIRE_FLAGS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .journal import Journal

# The one attribute that the probe adds, to each class of loops. To the loops themselves it adds none: one more than
# asyncio's own thirty takes an object off CPython's shared-key dictionaries, and everything it does gets slower.
TRAITS = "_loopwarden_traits"


class LoopRecord(weakref.ref):  # type: ignore[type-arg]
    """One loop. It is the weak reference itself, so that a loop costs one object and is never kept alive."""

    __slots__ = (
        "address",
        "serial",
        "site",
        "flags",
        "closed",
        "finalized",
        "is_host",
        "created_epoch",
        "ran_epoch",
        "running",
        "held",
    )

    address: int  # its key among the known loops while it lives
    serial: int
    site: int  # where it was made
    flags: int  # how it was made
    closed: bool
    finalized: bool
    is_host: bool
    created_epoch: int
    ran_epoch: int  # when it last began to run; -1 = never
    running: int  # how many runs are under way; more than one only with nest_asyncio
    held: bool | None  # whether a module global holds it; None = never asked


class ClassTraits:
    """What is the same for all loops of one class; stands on the class itself and dies with it."""

    __slots__ = ("detail", "descriptors", "is_plain", "tombstone")

    def __init__(self, detail: int, descriptors: int, is_plain: bool) -> None:
        self.detail = detail
        self.descriptors = descriptors
        self.is_plain = is_plain  # asyncio's or uvloop's own: none of its methods is the user's
        self.tombstone: type | None = None


class Loops:
    """Gives serials and knows all living loops, weakly.

    `known(id(loop))` is the record of a loop; None for loops that were made before the probe, or are none (mocks).
    The address is a safe key: a record goes when its loop does, before another object can be there.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._next_serial = count(1).__next__  # one step in C: two threads never get the same
        self._records: dict[int, LoopRecord] = {}
        self.known = self._records.get
        self._when_lost = self._lost  # bound once
        self._classes: list[weakref.ref[type]] = []

    def created(self, loop: Any, descriptors: int, site: int, flags: int) -> None:
        """Begins the record of a new loop."""
        cls = type(loop)
        traits = vars(cls).get(TRAITS)
        if traits is None:
            traits = self._learn(cls, descriptors)
        journal = self._journal
        record = LoopRecord(loop, self._when_lost)
        record.address = address = id(loop)
        record.serial = serial = self._next_serial()
        record.site = site
        record.flags = flags & WIRE_FLAGS
        record.closed = record.finalized = False
        record.is_host = flags & facts.BY_HOST != 0
        record.created_epoch = journal.epoch
        record.ran_epoch = -1
        record.running = 0
        record.held = None
        self._records[address] = record
        journal.event(facts.LOOP_CREATED, record.flags, serial, site, traits.detail, traits.descriptors)
        if flags & IN_RUN and traits.is_plain:
            journal.thread().scope = record

    def closed(self, record: LoopRecord) -> None:
        """Ends the record of a loop; its event is the caller's."""
        record.closed = True
        thread = self._journal.thread()
        if thread.scope is record:
            thread.scope = None

    def finalized(self, record: LoopRecord) -> None:
        """Notes that a loop was collected without having been closed, once."""
        if record.closed or record.finalized:
            return
        record.finalized = True
        self._journal.event(facts.FINALIZED, 0, record.serial, 0)

    def open(self) -> list[LoopRecord]:
        """The records of all loops that are open now."""
        return [record for record in list(self._records.values()) if not record.closed and not record.finalized]

    def traits(self, cls: type) -> ClassTraits | None:
        return vars(cls).get(TRAITS)

    def forget_classes(self) -> None:
        """Takes the traits off every class of loops."""
        for reference in self._classes:
            cls = reference()
            if cls is not None and TRAITS in vars(cls):
                delattr(cls, TRAITS)
        self._classes.clear()

    def _learn(self, cls: type, descriptors: int) -> ClassTraits:
        detail = self._journal.string("{}.{}".format(cls.__module__, cls.__qualname__))
        is_plain = cls.__module__.partition(".")[0] in ("asyncio", "uvloop")
        traits = ClassTraits(detail, descriptors, is_plain)
        setattr(cls, TRAITS, traits)
        self._classes.append(weakref.ref(cls))
        return traits

    def _lost(self, record: LoopRecord) -> None:
        # The weak reference's callback. For loops without BaseEventLoop.__del__, that is uvloop's, it is also how their
        # end is known.
        try:
            del self._records[record.address]
            self.finalized(record)
        except Exception:
            pass  # nobody to tell: this runs inside a garbage collection, perhaps at the interpreter's end
