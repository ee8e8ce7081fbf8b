"""A fork whose child belongs to the parent of this process, as if that had started it itself.

`os.fork` cannot say so, and an extension module cannot be part of what any interpreter is given: the system call is
made through ctypes, between the calls by which `os.fork` itself tells the interpreter about a fork. Handlers that the C
library was given by pthread_atfork are not called; a zygote has one thread, and nothing of its own that needs them.
"""

from __future__ import annotations

import ctypes
import os
import signal

#: The number of clone(2), and the place of its fourth and fifth argument, differ.
_CLONE_CALLS = {"x86_64": 56, "aarch64": 220}
_CLONE_PARENT, _CLONE_CHILD_CLEARTID, _CLONE_CHILD_SETTID = 0x8000, 0x200000, 0x1000000
_PR_SET_PDEATHSIG, _PR_GET_TID_ADDRESS = 1, 40
_MADV_POPULATE_WRITE = 23
_PAGE = os.sysconf("SC_PAGESIZE")
_REGIONS_AT_ONCE = 8  # some 60 µs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Iterable


class ForkingUnavailable(Exception):
    """This machine, or this interpreter, has no way to do it; the text says why."""


class Forking:
    """Forks, for as long as this process has one thread."""

    def __init__(self) -> None:
        machine = os.uname().machine
        if machine not in _CLONE_CALLS:
            raise ForkingUnavailable("forks are made on {} only".format(" and ".join(sorted(_CLONE_CALLS))))
        api, library = ctypes.pythonapi, ctypes.PyDLL(None, use_errno=True)
        self._before, self._in_parent, self._in_child = (
            getattr(api, name) for name in ("PyOS_BeforeFork", "PyOS_AfterFork_Parent", "PyOS_AfterFork_Child")
        )
        for function in (self._before, self._in_parent, self._in_child):
            function.restype, function.argtypes = None, ()
        self._syscall, self._prctl, self._madvise = library.syscall, library.prctl, library.madvise
        self._madvise.argtypes = ctypes.c_size_t, ctypes.c_size_t, ctypes.c_int
        self._syscall.restype = ctypes.c_long
        # Where the C library remembers this thread's number, which is another in the child.
        address = ctypes.c_void_p()
        if self._prctl(_PR_GET_TID_ADDRESS, ctypes.byref(address), 0, 0, 0) != 0 or not address.value:
            raise ForkingUnavailable("the kernel does not tell where a thread's number is kept (PR_GET_TID_ADDRESS)")
        flags = _CLONE_PARENT | _CLONE_CHILD_CLEARTID | _CLONE_CHILD_SETTID | int(signal.SIGCHLD)
        nothing, thread = ctypes.c_void_p(0), ctypes.c_void_p(address.value)
        last = (thread, nothing) if machine == "x86_64" else (nothing, thread)
        self._arguments = (
            ctypes.c_long(_CLONE_CALLS[machine]),
            ctypes.c_ulong(flags),
            nothing,
            nothing,
        ) + last

    def fork(self) -> int:
        """Forks; 0 in the child, whose parent is this process's own parent.

        :raises OSError: when the system has no process or memory left.
        """
        self._before()
        process = self._syscall(*self._arguments)
        if process == 0:
            self._in_child()
            return 0
        self._in_parent()
        if process < 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
        return int(process)

    def copy(self, regions: Iterable[tuple[int, int]], is_wanted: Callable[[], bool]) -> None:
        """Gives this process its own copies of memory that it shares, as the first write to each page would do.

        :param regions: address and length of each, in bytes.
        :param is_wanted: whether there is no time for it any more.
        """
        for number, (start, length) in enumerate(regions):
            if number % _REGIONS_AT_ONCE == 0 and is_wanted():
                return
            if self._madvise(start, length, _MADV_POPULATE_WRITE) != 0:  # Linux before 5.14
                for address in range(start, start + length, _PAGE):
                    ctypes.memmove(address, address, 1)

    def die_with_parent(self) -> None:
        """Has the kernel kill this process when its parent ends."""
        self._prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
