"""What is alive in this process beside its tasks: timers, threads, sockets. Looked at, and left as it is."""

from __future__ import annotations

import _socket  # not `socket`, which takes 5 ms to import
import os
import sys
import threading
from time import monotonic_ns
from types import MethodType

from .tasks import inner_of, referents

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable

    from .tasks import Tasks

_LONGEST_CHAIN = 100  # of awaits
# The functions of asyncio's that wait for a timer, and up to 3.11 for a timeout.
_TIMED = ("sleep", "wait_for", "_wait")
_OURS = ("loopwarden_worker", "loopwarden_probe")
_POOLS = ("concurrent.futures.thread", "multiprocessing.pool")
_NAMED = (_socket.AF_INET, _socket.AF_INET6)


def due_ns(task: Any, loop: Any, tasks: Tasks) -> int | None:
    """When the wait of a suspended task ends by itself, of the clock that counts on; None: it waits for something else.

    What is known is asyncio.sleep(), wait_for() and timeout(), also where uvloop keeps the timers.
    """
    whens: list[float] = []
    awaitable = task.get_coro()
    for _ in range(_LONGEST_CHAIN):
        if awaitable is None:
            break
        code = getattr(awaitable, "cr_code", None)
        if code is not None:
            is_timed = code.co_name in _TIMED and tasks.is_asyncios(code)
            for each in referents(awaitable):
                if type(each) is MethodType:
                    each = each.__self__  # of the `__aexit__` that waits for the end of a block
                if type(each).__name__ == "TimerHandle" and is_timed and not each.cancelled():
                    whens.append(each.when())
                elif type(each).__module__ == "asyncio.timeouts" and each.when() is not None:
                    whens.append(each.when())
        awaitable = inner_of(awaitable)
    if not whens:
        return None
    now_ns = monotonic_ns()
    # uvloop's clock stands still while the loop does; asyncio's may have been put forward.
    now = loop.time() if hasattr(loop, "_scheduled") else now_ns / 1e9
    return now_ns + int((min(whens) - now) * 1e9)


def threads() -> list[threading.Thread]:
    """The threads of the user's and of libraries, the oldest first."""
    main = threading.main_thread()
    found = [thread for thread in list(threading._active.values()) if thread is not main]  # type: ignore[attr-defined]
    return [thread for thread in found if not isinstance(thread, threading._DummyThread) and not _is_ours(thread)]


def is_pools(thread: threading.Thread) -> bool:
    """Whether it works for an executor or a pool."""
    return _module(getattr(thread, "_target", None)).startswith(_POOLS)


def thread_name(thread: threading.Thread) -> str:
    """Its name, unless that has a number in it: names are kept, so there must not be one for each thread."""
    name = thread.name
    if not any(character.isdigit() for character in name):
        return name
    target = getattr(thread, "_target", None)
    function = getattr(target, "__qualname__", None)
    return function if type(function) is str else type(thread).__name__


def _is_ours(thread: threading.Thread) -> bool:
    parts = [getattr(thread, "_target", None), *(getattr(thread, "_args", None) or ())]
    return any(_module(part).startswith(_OURS) for part in parts)


def _module(function: Any) -> str:
    return str(getattr(getattr(function, "__func__", function), "__module__", ""))


class Socket:
    """An open socket that is connected, listens, or is bound to an address."""

    def __init__(self, descriptor: int, identity: tuple[int, int], name: str, is_stream: bool) -> None:
        self.descriptor = descriptor
        self.name = name
        self._identity = identity
        self._is_stream = is_stream

    def has_lost_peer(self) -> bool:
        """Whether it is the same socket still, and its peer has closed the connection."""
        if not self._is_stream or _identity(self.descriptor) != self._identity:
            return False
        try:
            copy = _socket.socket(fileno=os.dup(self.descriptor))
        except OSError:
            return False
        try:
            return not copy.recv(1, _socket.MSG_PEEK | _socket.MSG_DONTWAIT)
        except (BlockingIOError, InterruptedError):
            return False
        except OSError:
            return True
        finally:
            copy.close()


def sockets(own: Iterable[int], most: int) -> list[Socket]:
    """The sockets of the user's and of libraries that have a peer or an address in the network, or a path."""
    if sys.platform != "linux":
        return []
    try:
        names = os.listdir("/proc/self/fd")
    except OSError:
        return []
    skipped = set(own)
    found: list[Socket] = []
    for descriptor in sorted(int(name) for name in names if int(name) not in skipped):
        if len(found) >= most:
            break
        try:
            if not os.readlink("/proc/self/fd/{}".format(descriptor)).startswith("socket:"):
                continue
            copy = _socket.socket(fileno=os.dup(descriptor))
        except OSError:
            continue
        try:
            name, has_peer = _described(copy)
            is_stream = has_peer and copy.type & _socket.SOCK_STREAM == _socket.SOCK_STREAM
        except OSError:
            continue
        finally:
            copy.close()
        identity = _identity(descriptor)
        if name and identity is not None:
            found.append(Socket(descriptor, identity, name, is_stream))
    return found


def _described(copy: Any) -> tuple[str, bool]:
    """What a socket is about, and whether that is a peer; no name for those that loops wake themselves up with."""
    try:
        return _address(copy, copy.getpeername()), True
    except OSError:
        address = _address(copy, copy.getsockname())
        return ("bound to {}".format(address) if address else ""), False


def _address(copy: Any, address: Any) -> str:
    if copy.family in _NAMED:
        return "{}:{}".format(address[0], address[1]) if address[1] else ""
    return address if isinstance(address, str) else ""


def _identity(descriptor: int) -> tuple[int, int] | None:
    try:
        status = os.fstat(descriptor)
    except OSError:
        return None
    return status.st_dev, status.st_ino
