"""Writes events where they survive the death of this process: in a file-backed memory map shared with the daemon.

An event is packed straight into the map, so that a SIGKILL loses nothing that had happened before. What is sent in
a frame is a copy of the same bytes (a *block*).
"""

from __future__ import annotations

import mmap
import os
import struct
import sys
import threading
from threading import get_ident
from time import monotonic_ns, sleep

from . import facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Union

    from .loops import LoopRecord

    Buffer = Union[mmap.mmap, bytearray]
    Writer = Callable[[int, int, int, int], None]

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
# The same record as five integers: half the arguments of the hot path, and most of them known beforehand.
#   code    kind | phase << 8 | flags << 16 | ordinal << 32
#   who     thread | loop << 32
#   where   site | detail << 32
_PACKED_EVENT = struct.Struct("{}QQQQq".format("@" if sys.byteorder == "little" else "<"))
SITE = struct.Struct("<BBHIIIIIII")
TEXT = struct.Struct("<BBHI")
HEADER = struct.Struct("<8sIIQQ")
U32 = struct.Struct("<I")
U64 = struct.Struct("<Q")
GENERATION_AT, END_AT, DROPPED_AT, TURNED_AT, OFFERED_AT = 8, 16, 24, 32, 40
_GENERATION_WORD = GENERATION_AT // U64.size  # the upper half is 0
_END_WORD = END_AT // U64.size
_TURNED_WORD = TURNED_AT // U64.size

# Bound once: the hot path reads one name each instead of two, and a handler that patches these modules changes nothing.
_pack_event = _PACKED_EVENT.pack_into
_pack_u64 = U64.pack_into
_pack_u32 = U32.pack
_EVENT_SIZE = EVENT.size

# The number of the thread that may take its place in the journal without the lock: the one that makes the journal,
# which is also the only one to start it over. It may because from 3.10 on the interpreter changes threads, runs
# signal handlers and collects garbage at calls and jumps only, and there is none between the two lines that take a
# place. On 3.8 and 3.9 it may until a second thread shows up (see _share), and without a global lock never.
OWNER = 1
_has_global_lock = getattr(sys, "_is_gil_enabled", lambda: True)
_OWNER_NEVER_LOCKS = sys.version_info >= (3, 10) and _has_global_lock()
# Between looking and forgetting there is a jump, at which 3.10 may change threads, and later versions do not.
_OWNER_FORGETS_ALONE = _OWNER_NEVER_LOCKS and sys.version_info >= (3, 11)
_MOST_YIELDS = 1000


class ThreadState:
    """What the probe knows of one thread."""

    __slots__ = ("number", "write", "runs", "scope", "silent", "inside_tombstone")

    def __init__(self, number: int, write: Writer) -> None:
        self.number = number
        self.write = write  # as Journal.write, for this thread only
        self.runs: list[Any] = []  # the runs under way in this thread, outermost first; see hooks/running.py
        # asyncio.run keeps its loop to itself: from its making to its closing, except while it runs, all that happens
        # in the thread happens on the one line that called asyncio.run. Then this is its loop, and nobody has to look
        # for lines.
        self.scope: LoopRecord | None = None
        self.silent: LoopRecord | None = None  # the same, while it runs to wind down
        self.inside_tombstone = False


class _Threads(threading.local):
    """Finds the state of the current thread; made, numbered and defined when the thread first does something."""

    def __init__(self, journal: Journal) -> None:
        self.state = journal._new_thread()


class _Hot:
    """The variables that Journal._make_writers keeps to itself, for the rest of the journal."""

    __slots__ = ("enter", "head", "position", "set_position", "write_into", "share", "turned", "block", "forget")

    def __init__(
        self,
        enter: Callable[[int, int, int], None],
        head: Callable[[], int],
        position: Callable[[], int],
        set_position: Callable[[int], None],
        write_into: Callable[[Buffer], None],
        share: Callable[[], bool],
        turned: Callable[[], None],
        block: Callable[[], bytes],
        forget: Callable[[int], bool],
    ) -> None:
        self.enter = enter
        self.head = head
        self.position = position
        self.set_position = set_position
        self.write_into = write_into
        self.share = share
        self.turned = turned
        self.block = block
        self.forget = forget


class Journal:
    """The event stream of one process.

    Every method may be called from any thread, from a signal handler and from a garbage collection that strikes
    inside another call: a place is taken before it is written, and the lock is re-entrant.
    """

    __slots__ = (
        "epoch",
        "high_word",
        "owner",
        "owner_ident",
        "write",
        "latest_ordinal",
        "_write_owned",
        "_write_locked",
        "_hot",
        "_threads",
        "dropped",
        "_buffer",
        "_lock",
        "_strings",
        "_sites",
        "_thread_count",
        "_before_silence",
        "_begun",
        "__weakref__",
    )

    def __init__(self, buffer: Buffer | None = None) -> None:
        self._lock = threading.RLock()
        self.owner_ident = get_ident()
        self._make_writers(is_shared=not _has_global_lock())
        self._write_into(bytearray(BUFFER_SIZE) if buffer is None else buffer)
        self._strings: dict[str, int] = {}
        self._sites: dict[tuple[object, ...], int] = {}
        self._thread_count = 0
        self.latest_ordinal = -1  # of the invocation that is or was the last
        self.high_word = facts.NO_ORDINAL << 32  # the ordinal of the invocation, for what is remembered with a site
        self.epoch = 0  # goes up with every phase: "in an earlier phase" is one comparison
        self.dropped = 0
        HEADER.pack_into(self._buffer, 0, MAGIC, 1, 0, DATA_START, 0)
        self._threads = _Threads(self)
        self.owner: ThreadState = self._threads.state
        self._begun = self._position
        os.register_at_fork(
            before=self._before_fork,
            after_in_parent=self._after_fork_in_parent,
            after_in_child=self._after_fork_in_child,
        )

    @classmethod
    def open(cls, path: str | None) -> Journal:
        """Maps the file at `path`; falls back to plain memory, where events survive only until they are sent."""
        return cls(_mapped(path))

    def go_on(self, path: str | None) -> None:
        """Goes on in a fork of the process that has made it, in the file at `path`, with what was written before."""
        begun, position, self.dropped = self._before_silence
        buffer = _mapped(path) or bytearray(BUFFER_SIZE)
        buffer[:position] = bytes(begun[:position])
        self._write_into(buffer)
        self._position = position

    @property
    def has_events(self) -> bool:
        """Whether it holds more than the thread that has made it; as long as nothing was sent."""
        return bool(self._strings or self._sites or self._position > self._begun)

    def thread(self) -> ThreadState:
        """The state of the current thread."""
        # A threading.local costs five times as much as this comparison, and nearly all happens in the owner.
        return self.owner if get_ident() == self.owner_ident else self._threads.state

    @property
    def ordinal(self) -> int:
        """The invocation that is under way, counted from 0; -1 outside of invocations."""
        ordinal = self._hot.head() >> 32
        return -1 if ordinal == facts.NO_ORDINAL else ordinal

    # -- events ---------------------------------------------------------------------------------------------------

    def event(self, kind: int, flags: int, loop: int, site: int, detail: int = 0, value: int = 0) -> None:
        """Appends one event that happens now, in this thread."""
        self.write(kind | flags << 16, OWNER | loop << 32, site | detail << 32, value)

    #: As `event`, for the hot path: its caller has put the numbers together beforehand.
    #:
    #: :param code: kind | flags << 16.
    #: :param who: OWNER | loop << 32, whatever thread this is.
    #: :param where: site | detail << 32.
    write: Writer

    def _make_writers(self, is_shared: bool) -> None:
        """Makes what writes events: in one function, because its variables are read faster than attributes.

        :param is_shared: whether the owner uses the lock, too.
        """
        lock, owner_ident, pack, size = self._lock, self.owner_ident, _pack_event, _EVENT_SIZE
        now, end_word = monotonic_ns, _END_WORD
        position = DATA_START
        head = _head(facts.INIT, facts.NO_ORDINAL)
        generation = 1
        buffer: Any = None
        header: Any = None

        def write_owned(code: int, who: int, where: int, value: int) -> None:
            nonlocal position
            if is_shared:
                write_locked(code, who, where, value)
                return
            at = position
            position = end = at + size
            try:
                pack(buffer, at, head + code, now(), who, where, value)
                header[end_word] = end
            except struct.error:
                self._no_room(at)

        def write_locked(code: int, who: int, where: int, value: int) -> None:
            nonlocal position
            with lock:
                at = position
                position = end = at + size
                try:
                    pack(buffer, at, head + code, now(), who, where, value)
                    header[end_word] = end
                except struct.error:
                    self._no_room(at)

        def write(code: int, who: int, where: int, value: int) -> None:
            if get_ident() == owner_ident:
                write_owned(code, who, where, value)
            else:
                write_locked(code, who + self._threads.state.number - OWNER, where, value)

        def enter(phase: int, ordinal: int, code: int) -> None:
            nonlocal head
            head = _head(phase, ordinal)
            write(code, OWNER, 0, 0)

        def block() -> bytes:
            end = position
            # Asked afterwards: if there was no other thread by then, what is before the end was all written.
            if self._thread_count == 1:
                return _pack_u32(generation) + bytes(buffer[DATA_START:end])
            with lock:
                return _pack_u32(generation) + bytes(buffer[DATA_START:position])

        def forget(length: int) -> bool:
            """Begins anew, unless more than `length` bytes are there; whether it has."""
            nonlocal position, generation
            if position != DATA_START + length:
                return False
            position = DATA_START
            # The end first: a reader that comes between the two sees an old generation, which it has, and ignores it.
            header[end_word] = DATA_START
            generation += 1
            header[_GENERATION_WORD] = generation
            return True

        def set_position(new: int) -> None:
            nonlocal position
            position = new

        def write_into(new: Buffer) -> None:
            nonlocal buffer, header
            buffer = new
            # A store through a view costs a third of a call of pack_into.
            header = memoryview(new)[:DATA_START].cast("Q")

        def share() -> bool:
            """Whether that is new."""
            nonlocal is_shared
            was_shared, is_shared = is_shared, True
            return not was_shared

        def turned() -> None:
            header[_TURNED_WORD] = now()

        def get_head() -> int:
            return head

        def get_position() -> int:
            return position

        self.write, self._write_owned, self._write_locked = write, write_owned, write_locked
        self._hot = _Hot(enter, get_head, get_position, set_position, write_into, share, turned, block, forget)

    @property
    def _position(self) -> int:
        """Where the next record goes."""
        return self._hot.position()

    @_position.setter
    def _position(self, position: int) -> None:
        self._hot.set_position(position)

    def _no_room(self, position: int) -> None:
        self._position = position
        self.dropped += 1
        _pack_u64(self._buffer, DROPPED_AT, self.dropped)

    def enter_phase(self, phase: int, ordinal: int = facts.NO_ORDINAL) -> None:
        """Begins `phase`; what is recorded from now on belongs to it."""
        self.high_word = ordinal << 32
        if ordinal != facts.NO_ORDINAL:
            self.latest_ordinal = ordinal
        self.epoch += 1
        self._hot.enter(phase, ordinal, facts.PHASE_BEGUN)

    def leave_phase(self) -> None:
        """Marks the end of the current phase; the next `enter_phase` replaces it."""
        self.write(facts.PHASE_ENDED, OWNER, 0, 0)

    def turned(self) -> None:
        """Says in the header that a loop has turned just now; no event, because it is asked for again and again."""
        self._hot.turned()

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

    def site(self, flags: int, file: str, function: str, line: int, via: tuple[str, str, int] | None) -> int:
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

    def place(self, site: int) -> tuple[int, str, int] | None:
        """Flags, file and line of a site that a user's line has without a library between; None: no such. Slow."""
        for key, number in list(self._sites.items()):
            if number == site:
                flags, file, _, line, via = key
                is_direct = via is None or "-packages" not in via[0]  # type: ignore[index]
                return (flags, file, line) if is_direct else None  # type: ignore[return-value]
        return None

    def _share(self) -> None:
        """Makes the owner use the lock from now on, before another thread writes for the first time."""
        if not _OWNER_NEVER_LOCKS and self._hot.share():
            code = getattr(self._write_owned, "__code__", None)
            for _ in range(_MOST_YIELDS):  # the owner may be half through a write without the lock
                frame = sys._current_frames().get(self.owner_ident)
                while frame is not None and frame.f_code is not code:
                    frame = frame.f_back
                if frame is None:
                    return
                sleep(0)

    def _new_thread(self) -> ThreadState:
        number = self._define_thread()
        if number == OWNER:
            return ThreadState(number, self._write_owned)
        write = self._write_locked

        def write_other(code: int, who: int, where: int, value: int) -> None:
            write(code, who + number - OWNER, where, value)

        return ThreadState(number, write_other)

    def _define_thread(self) -> int:
        # Not threading.current_thread(): in a thread made by C code that would leave a dummy thread behind.
        ident = get_ident()
        thread = getattr(threading, "_active", {}).get(ident)
        is_main = ident == threading.main_thread().ident
        name = "thread-{}".format(ident) if thread is None else str(thread.name)
        if self._thread_count:
            self._share()
        with self._lock:
            self._thread_count += 1
            number = self._thread_count
            self._append_text(DEFINE_THREAD, MAIN_THREAD if is_main else 0, number, name)
            return number

    def _append_text(self, kind: int, flags: int, number: int, text: str) -> bool:
        data = text.encode("utf-8", "backslashreplace")[:LONGEST_STRING]
        return self._append(TEXT.pack(kind, flags, len(data), number) + data)

    def _append(self, record: bytes) -> bool:
        with self._lock:
            position = self._position
            self._position = end = position + len(record)
            if end > len(self._buffer):
                self._position = position
                return False
            self._buffer[position:end] = record
            _pack_u64(self._buffer, END_AT, end)
            return True

    def _write_into(self, buffer: Buffer) -> None:
        self._buffer = buffer
        self._hot.write_into(buffer)

    # -- blocks ---------------------------------------------------------------------------------------------------

    def block(self) -> bytes:
        """A copy of everything recorded since the last `sent()`, ready to go into a frame."""
        return self._hot.block()

    def offer(self) -> bytes:
        """As `block`, for who reads it from the file: the header says how far it goes, until it is `taken`."""
        with self._lock:
            _pack_u64(self._buffer, OFFERED_AT, self._position)
            return self.block()

    def taken(self, block: bytes) -> None:
        """As `sent`, for a block that was offered."""
        with self._lock:
            self.sent(block)
            _pack_u64(self._buffer, OFFERED_AT, 0)

    def sent(self, block: bytes) -> None:
        """Forgets what `block` holds, now that its frame is out; what other threads added meanwhile moves down.

        For the owner only: the lock keeps the others out.
        """
        length = len(block) - U32.size
        # Without the lock, which costs as much as all the rest, where nobody can come between: see OWNER.
        if _OWNER_FORGETS_ALONE and self._thread_count == 1 and not self.dropped and self._hot.forget(length):
            return
        with self._lock:
            late = bytes(self._buffer[DATA_START + length : self._position])
            self._position = DATA_START + length
            self._hot.forget(length)
            if late:
                self._append(late)
            if self.dropped:
                dropped, self.dropped = self.dropped, 0
                _pack_u64(self._buffer, DROPPED_AT, 0)
                self.event(facts.EVENTS_DROPPED, 0, 0, 0, 0, dropped)

    # -- fork -----------------------------------------------------------------------------------------------------

    def _before_fork(self) -> None:
        # Holding the lock gives the child a lock that nobody holds. Silence already now: asyncio's own fork handler
        # ends the running loop in the child, before or after ours, in an order that we do not choose.
        self._lock.acquire()
        self._before_silence = (self._buffer, self._position, self.dropped)
        self._write_into(bytearray(DATA_START))

    def _after_fork_in_parent(self) -> None:
        buffer, self._position, self.dropped = self._before_silence
        self._write_into(buffer)
        self._lock.release()

    def _after_fork_in_child(self) -> None:
        # The child shares the parent's map: it goes on writing nowhere.
        self._position = DATA_START
        self._lock.release()


def _mapped(path: str | None) -> mmap.mmap | None:
    if path is not None:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
            try:
                return mmap.mmap(descriptor, 0)
            finally:
                os.close(descriptor)
        except (OSError, ValueError):
            pass
    return None


def _head(phase: int, ordinal: int) -> int:
    """What all events of a phase have in common."""
    return phase << 8 | ordinal << 32
