"""What the probe knows of each loop: a serial number for life, and which loops are open."""

from __future__ import annotations

import weakref
from itertools import count

from . import facts
from .journal import OWNER
from .sites import IN_RUN, WIRE_FLAGS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Sized

    from .journal import Journal, ThreadState

# The one attribute that the probe adds, to each class of loops. To the loops themselves it adds none: one more than
# asyncio's own thirty takes an object off CPython's shared-key dictionaries, and everything it does gets slower.
TRAITS = "_loopwarden_traits"
_MOST_IMPLICIT = 1000


class LoopRecord(weakref.ref):  # type: ignore[type-arg]
    """One loop. It is the weak reference itself, so that a loop costs one object and is never kept alive.

    Nor may its class be: classes lead to closures, and those to loops. So the record does not lead to the traits.
    """

    __slots__ = (
        "address",
        "who",
        "site",
        "bits",
        "closed",
        "finalized",
        "is_winding_down",
        "created_epoch",
        "ran_epoch",
        "running",
        "held",
        "maker",
        "runner",
    )

    address: int  # its key among the known loops while it lives
    who: int  # OWNER | serial << 32, as Journal.write wants it
    site: int  # where it was made
    bits: int  # the flags with which it was made, << 16, as Journal.write wants them
    closed: bool
    finalized: bool
    # asyncio.run is done with the user's coroutine. It still runs the loop up to three times, to cancel tasks and to
    # shut down generators and executor; that it does so is known of every asyncio.run, and not recorded.
    is_winding_down: bool
    created_epoch: int
    ran_epoch: int  # when it last began to run; -1 = never
    running: int  # how many runs are under way; more than one only with nest_asyncio
    held: bool | None  # whether a module global holds it; None = never asked
    maker: int  # the ident of the thread that made it
    runner: int  # and of the one that last began to run it by hand, else the same

    @property
    def serial(self) -> int:
        return self.who >> 32

    @property
    def is_host(self) -> bool:
        return bool(self.bits >> 16 & facts.BY_HOST)


class ClassTraits:
    """What is the same for all loops of one class; stands on the class itself and dies with it."""

    __slots__ = ("address", "detail", "descriptors", "is_plain", "tombstone")

    def __init__(self, address: int, detail: int, descriptors: int, is_plain: bool) -> None:
        self.address = address  # of the class: its subclasses seem to have the traits, too
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
        #: Empty when there are no loops at all.
        self.existing: Sized = self._records
        self._when_lost = self._lost()
        self._classes: list[weakref.ref[type]] = []
        #: Those that get_event_loop() has made unasked, until somebody has looked at them.
        self.implicit: list[LoopRecord] = []
        #: Whether the user's code looks whether the current loop is closed, and so is ready for one that is.
        self.minds_closed = False
        #: Whether the host's loop would run on when an answer is out, as a server's does: then no task is lost there.
        self.goes_on = False
        #: Whether the host keeps its loop, with the tasks on it, for the invocations that follow.
        self.are_kept = False

    def created(self, loop: Any, descriptors: int, located: tuple[int, int], thread: ThreadState, ident: int) -> None:
        """Begins the record of a new loop, made at a site and with flags as `Sites.locate_creation` has found them."""
        site, flags = located
        cls = type(loop)
        traits = getattr(cls, TRAITS, None)
        if traits is None or traits.address != id(cls):  # of a base class
            traits = self._learn(cls, descriptors)
        record = LoopRecord(loop, self._when_lost)
        record.address = address = id(loop)
        record.who = who = self._next_serial() << 32 | OWNER
        record.site = site
        record.bits = bits = (flags & WIRE_FLAGS) << 16
        record.closed = record.finalized = record.is_winding_down = False
        record.created_epoch = self._journal.epoch
        record.ran_epoch = -1
        record.running = 0
        record.held = None
        record.maker = record.runner = ident
        self._records[address] = record
        thread.write(facts.LOOP_CREATED | bits, who, traits.detail << 32 | site, traits.descriptors)
        if flags & IN_RUN and traits.is_plain:
            thread.scope = record
        elif flags & (facts.IMPLICIT | facts.BY_HOST) == facts.IMPLICIT and len(self.implicit) < _MOST_IMPLICIT:
            self.implicit.append(record)

    def finalized(self, record: LoopRecord) -> None:
        """Notes that a loop was collected without having been closed, once."""
        if record.closed or record.finalized:
            return
        record.finalized = True
        self._journal.write(facts.FINALIZED, record.who, 0, 0)

    def claim(self, loop: Any, is_winding_down: bool = False) -> None:
        """Tells that all that this thread does outside of runs is done by who has made `loop`; None: look who it is."""
        record = None if loop is None else self.known(id(loop))
        if record is not None:
            if record.closed or not record.is_host:
                record = None  # who has made it does not run it: the host does, as its frames tell
            else:
                record.is_winding_down = is_winding_down
        self._journal.thread().scope = record

    def all(self) -> list[LoopRecord]:
        """The records of all loops that have not been collected."""
        return list(self._records.values())

    def open(self) -> list[LoopRecord]:
        """The records of all loops that are open now."""
        return [record for record in list(self._records.values()) if not record.closed and not record.finalized]

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
        traits = ClassTraits(id(cls), detail, descriptors, is_plain)
        setattr(cls, TRAITS, traits)
        self._classes.append(weakref.ref(cls))
        return traits

    def _lost(self) -> Callable[[LoopRecord], None]:
        """Makes the callback of the records' weak references.

        For loops without BaseEventLoop.__del__, that is uvloop's, it is also how their end is known.
        """
        records, finalized = self._records, self.finalized

        def lost(record: LoopRecord) -> None:
            try:
                del records[record.address]
                if not record.closed:
                    finalized(record)
            except Exception:
                pass  # nobody to tell: this runs inside a garbage collection, perhaps at the interpreter's end

        return lost
