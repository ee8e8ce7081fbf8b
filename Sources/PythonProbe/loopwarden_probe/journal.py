"""Writes events where they survive the death of this process: in a file-backed memory map shared with the daemon.

An event is packed straight into the map, so that a SIGKILL loses nothing that had happened before. What is sent in
a frame is a copy of the same bytes (a *block*).
"""

from __future__ import annotations

import mmap
import os
import struct
import threading
from time import monotonic_ns

from . import facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, Optional, Tuple, Union

    Buffer = Union[mmap.mmap, bytearray]

MAGIC = b"LWEV0001"
DATA_START = 64  # the header's size
BUFFER_SIZE = 1 << 20  # of a journal without a file: some 26,000 events between two blocks
LONGEST_STRING = 4096
MOST_DEFINITIONS = 1 << 16  # per table: what keeps generated code from growing the tables for ever

DEFINE_STRING = 0xF0
DEFINE_SITE = 0xF1
DEFINE_THREAD = 0xF2
MAIN_THREAD = 1

EVENT = struct.Struct("<BBHIQIIIIq")
SITE = struct.Struct("<BBHIIIIIII")
TEXT = struct.Struct("<BBHI")
HEADER = struct.Struct("<8sIIQQ")
U32 = struct.Struct("<I")
U64 = struct.Struct("<Q")
GENERATION_AT, END_AT, DROPPED_AT = 8, 16, 24

# Bound once: the hot path reads one name each instead of two, and a handler that patches these modules changes nothing.
_pack_event = EVENT.pack_into
_pack_u64 = U64.pack_into
_EVENT_SIZE = EVENT.size


class _Thread(threading.local):
    """What the probe knows of the current thread; made, numbered and defined when the thread first does something."""

    def __init__(self, journal: Journal) -> None:
        self.number = journal._define_thread()
        self.runs: list = []  # type: ignore[type-arg]  # of the running hook: the loops running in this thread, outermost first
        self.inside_tombstone = False


class Journal:
    """The event stream of one process.

    Every method may be called from any thread, from a signal handler and from a garbage collection that strikes
    inside another call: the lock is re-entrant, and a place is taken before it is written.
    """

    __slots__ = (
        "phase",
        "ordinal",
        "epoch",
        "thread",
        "dropped",
        "generation",
        "_buffer",
        "_position",
        "_limit",
        "_lock",
        "_strings",
        "_sites",
        "_threads",
        "_saved_limit",
        "__weakref__",
    )

    def __init__(self, buffer: Optional[Buffer] = None) -> None:
        self._buffer: Buffer = bytearray(BUFFER_SIZE) if buffer is None else buffer
        self._position = DATA_START
        self._limit = len(self._buffer) - _EVENT_SIZE
        self._lock = threading.RLock()
        self._strings: Dict[str, int] = {}
        self._sites: Dict[Tuple[object, ...], int] = {}
        self._threads = 0
        self.phase = facts.INIT
        self.ordinal = facts.NO_ORDINAL
        self.epoch = 0  # goes up with every phase: "in an earlier phase" is one comparison
        self.generation = 1
        self.dropped = 0
        HEADER.pack_into(self._buffer, 0, MAGIC, self.generation, 0, DATA_START, 0)
        self.thread = _Thread(self)
        os.register_at_fork(
            before=self._before_fork, after_in_parent=self._after_fork_in_parent, after_in_child=self._after_fork_in_child
        )

    @classmethod
    def open(cls, path: Optional[str]) -> Journal:
        """Maps the file at `path`; falls back to plain memory, where events survive only until they are sent."""
        if path is not None:
            try:
                descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
                try:
                    return cls(mmap.mmap(descriptor, 0))
                finally:
                    os.close(descriptor)
            except (OSError, ValueError):
                pass
        return cls()

    # -- events ---------------------------------------------------------------------------------------------------

    def event(self, kind: int, flags: int, loop: int, site: int, detail: int = 0, value: int = 0) -> None:
        """Appends one event that happens now, in this thread. This is the hot path of the probe."""
        thread = self.thread.number
        with self._lock:
            position = self._position
            if position > self._limit:
                self._drop()
                return
            self._position = end = position + _EVENT_SIZE
            _pack_event(
                self._buffer,
                position,
                kind,
                self.phase,
                flags,
                self.ordinal,
                monotonic_ns(),
                thread,
                loop,
                site,
                detail,
                value,
            )
            _pack_u64(self._buffer, END_AT, end)

    def enter_phase(self, phase: int, ordinal: int = facts.NO_ORDINAL) -> None:
        """Begins `phase`; what is recorded from now on belongs to it."""
        self.phase = phase
        self.ordinal = ordinal
        self.epoch += 1
        self.event(facts.PHASE_BEGUN, 0, 0, 0)

    def leave_phase(self) -> None:
        """Marks the end of the current phase; the next `enter_phase` replaces it."""
        self.event(facts.PHASE_ENDED, 0, 0, 0)

    # -- definitions ----------------------------------------------------------------------------------------------

    def string(self, text: str) -> int:
        """The id of `text`, defined on first use; 0 when there is no room for it."""
        known = self._strings.get(text)
        if known is not None:
            return known
        with self._lock:
            if len(self._strings) >= MOST_DEFINITIONS:
                return 0
            number = len(self._strings) + 1
            if not self._append_text(DEFINE_STRING, 0, number, text):
                return 0
            self._strings[text] = number
            return number

    def site(self, flags: int, file: str, function: str, line: int, via: Optional[Tuple[str, str, int]]) -> int:
        """The id of a code site, defined on first use; 0 when there is no room for it."""
        key = (flags, file, function, line, via)
        with self._lock:
            known = self._sites.get(key)
            if known is not None:
                return known
            if len(self._sites) >= MOST_DEFINITIONS:
                return 0
            names = [self.string(file), self.string(function)]
            via_line = 0
            if via is not None:
                names += [self.string(via[0]), self.string(via[1])]
                via_line = via[2]
            else:
                names += [0, 0]
            if not names[0] or not names[1]:
                return 0
            number = len(self._sites) + 1
            record = SITE.pack(DEFINE_SITE, flags, 0, number, names[0], names[1], line, names[2], names[3], via_line)
            if not self._append(record):
                return 0
            self._sites[key] = number
            return number

    def _define_thread(self) -> int:
        # Not threading.current_thread(): in a thread made by C code that would leave a dummy thread behind.
        ident = threading.get_ident()
        thread = getattr(threading, "_active", {}).get(ident)
        is_main = ident == threading.main_thread().ident
        name = "thread-{}".format(ident) if thread is None else str(thread.name)
        with self._lock:
            self._threads += 1
            number = self._threads
            self._append_text(DEFINE_THREAD, MAIN_THREAD if is_main else 0, number, name)
            return number

    def _append_text(self, kind: int, flags: int, number: int, text: str) -> bool:
        data = text.encode("utf-8", "backslashreplace")[:LONGEST_STRING]
        return self._append(TEXT.pack(kind, flags, len(data), number) + data)

    def _append(self, record: bytes) -> bool:
        with self._lock:
            position = self._position
            end = position + len(record)
            if end > self._limit:
                return False
            self._position = end
            self._buffer[position:end] = record
            _pack_u64(self._buffer, END_AT, end)
            return True

    def _drop(self) -> None:
        self.dropped += 1
        if self._limit > 0:
            _pack_u64(self._buffer, DROPPED_AT, self.dropped)

    # -- blocks ---------------------------------------------------------------------------------------------------

    def block(self) -> bytes:
        """A copy of everything recorded since the last `sent()`, ready to go into a frame."""
        with self._lock:
            return U32.pack(self.generation) + bytes(self._buffer[DATA_START : self._position])

    def sent(self, block: bytes) -> None:
        """Forgets what `block` holds, now that its frame is out; what other threads added meanwhile moves down."""
        with self._lock:
            if self._limit <= 0:
                return
            behind = DATA_START + len(block) - U32.size
            late = bytes(self._buffer[behind : self._position])
            self._position = end = DATA_START + len(late)
            # The end first: a reader that comes between the two sees an old generation, which it has, and ignores it.
            _pack_u64(self._buffer, END_AT, DATA_START)
            self.generation += 1
            U32.pack_into(self._buffer, GENERATION_AT, self.generation)
            self._buffer[DATA_START:end] = late
            _pack_u64(self._buffer, END_AT, end)
            if self.dropped:
                dropped, self.dropped = self.dropped, 0
                _pack_u64(self._buffer, DROPPED_AT, 0)
                self.event(facts.EVENTS_DROPPED, 0, 0, 0, 0, dropped)

    # -- fork -----------------------------------------------------------------------------------------------------

    def _before_fork(self) -> None:
        # Holding the lock gives the child a lock that nobody holds; the limit silences asyncio's own fork handler,
        # which ends the running loop in the child before or after ours, in an order that we do not choose.
        self._lock.acquire()
        self._saved_limit = self._limit
        self._limit = 0

    def _after_fork_in_parent(self) -> None:
        self._limit = self._saved_limit
        self._lock.release()

    def _after_fork_in_child(self) -> None:
        # The child shares the parent's map: from here on it writes nowhere.
        self._buffer = bytearray(DATA_START)
        self._position = DATA_START
        self._limit = 0
        self._lock.release()
