"""The worker's line to the daemon: length-prefixed frames on a unix stream socket.

The handler lives in the same process and may do anything: close every descriptor, put another file in its place,
patch `socket` and `os`. So the functions are bound here, the descriptor's identity is checked before each use, and a
lost channel ends the process silently: there is nobody left to tell, and stderr belongs to the handler.
"""

from __future__ import annotations

import _socket  # not `socket`: it takes 5 ms to import, and gevent replaces it
import fcntl
import os
import resource
import struct

from loopwarden_probe.polling import poll_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, NoReturn

CONFIG = 0x01
INVOKE = 0x02
SHUTDOWN = 0x03
FREEZE = 0x04
START = 0x05
HELLO = 0x81
READY = 0x82
INIT_ERROR = 0x83
REPLY = 0x84
EVENTS = 0x86
BYE = 0x87
FAULT_APPLIED = 0x88
ALIVE = 0x89
IMPORTS = 0x8A

LARGEST_FRAME = 16 << 20
LOWEST_DESCRIPTOR = 200  # above what `for fd in range(3, 100): os.close(fd)` and select() lists reach
READ_SIZE = 1 << 16  # of the first read of a frame: one call is enough for nearly all
EXIT_LOST = 70  # EX_SOFTWARE of sysexits.h

_POLLIN = 1
_PREFIX = struct.Struct("<IB")
_LENGTH_SIZE = 4
_read, _write, _fstat, _exit, _getpid = os.read, os.write, os.fstat, os._exit, os.getpid


class Channel:
    """Frames in, frames out. Used by one thread only."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = _moved_up(descriptor)
        self._identity = self._identify()
        self._owner = _getpid()
        self._ahead = b""  # what has come of the next frame
        self._wait: Callable[[], object] = _nothing

    @classmethod
    def to(cls, path: str) -> Channel:
        """Connects to the daemon's socket."""
        connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        connection.connect(path)
        return cls(connection.detach())

    def send(self, kind: int, body: bytes) -> None:
        """Sends one frame; returns when the kernel has all of it."""
        self._check()
        data = _PREFIX.pack(len(body) + 1, kind) + body
        try:
            written = _write(self._descriptor, data)
            while written < len(data):
                written += _write(self._descriptor, memoryview(data)[written:])
        except OSError:
            self._lost()

    @property
    def descriptor(self) -> int:
        """What can be read from when a frame begins to arrive."""
        return self._descriptor

    @property
    def is_readable(self) -> bool:
        """Whether something has arrived, or the daemon's end is closed."""
        import select  # not with a worker that is spawned: it waits for what was sent

        return bool(select.select([self._descriptor], [], [], 0)[0])

    def settle(self) -> None:
        """From here on, waits for a frame without being woken for nothing.

        When the daemon takes what was sent here, there is room to write again, and the kernel tells that to whoever
        sleeps in read(): two switches, one of them at the daemon's cost. poll() asks for what has come only.
        """
        self._wait = poll_of(self._descriptor, _POLLIN) or _nothing

    @property
    def has_more(self) -> bool:
        """Whether a frame, or part of one, has arrived already."""
        return bool(self._ahead)

    def receive(self) -> tuple[int, bytes]:
        """Waits for one frame. The daemon's end of the line is the end of this process.

        The channel is not checked: this thread has just sent something.
        """
        data, self._ahead = self._ahead, b""
        if not data:
            self._wait()
        while len(data) < _PREFIX.size:
            data += self._read(READ_SIZE, may_end=not data)
        length, kind = _PREFIX.unpack_from(data)
        if not 1 <= length <= LARGEST_FRAME:
            self._lost()
        end = length + _LENGTH_SIZE
        if len(data) < end:
            frame = bytearray(data)
            while len(frame) < end:
                frame += self._read(end - len(frame))
            data = bytes(frame)
        elif len(data) > end:
            self._ahead = data[end:]
        return kind, data[_PREFIX.size : end]

    def _read(self, most: int, may_end: bool = False) -> bytes:
        try:
            data = _read(self._descriptor, most)
        except OSError:
            self._lost()
        if not data:
            _exit(0 if may_end else EXIT_LOST)
        return data

    def _check(self) -> None:
        # A forked child that returns from the handler ends here, instead of answering in its parent's name.
        if _getpid() != self._owner:
            _exit(0)
        if self._identify() != self._identity:
            self._lost()

    def _identify(self) -> tuple[int, int]:
        try:
            status = _fstat(self._descriptor)
        except OSError:
            self._lost()
        return status.st_dev, status.st_ino

    @staticmethod
    def _lost() -> NoReturn:
        _exit(EXIT_LOST)


def _nothing() -> None:
    pass


def descriptor_limit() -> int:
    """How many descriptors this process may have open."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def _moved_up(descriptor: int) -> int:
    """Moves a descriptor to a high number, closed on exec, where the limit allows."""
    for lowest in (LOWEST_DESCRIPTOR, descriptor_limit() // 2):
        try:
            moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, lowest)
        except OSError:
            continue
        os.close(descriptor)
        return moved
    return descriptor
