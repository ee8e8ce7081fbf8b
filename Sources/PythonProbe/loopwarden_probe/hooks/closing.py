"""Sees loops being closed, and leaves a tripwire in the closed ones: the *tombstone*.

A closed loop becomes an instance of a subclass whose methods record and then do what they did. It costs nothing while
the loop is open, and it sees what a handler's `except Exception: pass` hides.
"""

from __future__ import annotations

import functools

from .. import facts
from ..sites import WIRE_FLAGS
from .base import Hook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# What makes no sense on a closed loop. Left out: what is harmless there (close, is_closed, time, create_future,
# remove_signal_handler) and what asyncio's own finalizers call (remove_reader, call_exception_handler).
TRIPWIRES = (
    "add_reader",
    "add_signal_handler",
    "add_writer",
    "call_at",
    "call_later",
    "call_soon",
    "call_soon_threadsafe",
    "connect_accepted_socket",
    "connect_read_pipe",
    "connect_write_pipe",
    "create_connection",
    "create_datagram_endpoint",
    "create_server",
    "create_task",
    "create_unix_connection",
    "create_unix_server",
    "getaddrinfo",
    "getnameinfo",
    "run_forever",
    "run_in_executor",
    "run_until_complete",
    "sendfile",
    "sock_accept",
    "sock_connect",
    "sock_recv",
    "sock_recv_into",
    "sock_recvfrom",
    "sock_recvfrom_into",
    "sock_sendall",
    "sock_sendfile",
    "sock_sendto",
    "start_tls",
    "subprocess_exec",
    "subprocess_shell",
)


class ClosingHook(Hook):
    name = "closing"

    def attach_asyncio(self, asyncio: Any) -> None:
        base = asyncio.base_events.BaseEventLoop
        unix = getattr(getattr(asyncio, "unix_events", None), "_UnixSelectorEventLoop", None)
        if unix is None:
            self.patches.replace(base, "close", self._wrapper(()))
            return
        # The outermost close counts: what it does after the base's close would otherwise trip its own wire.
        self.patches.replace(unix, "close", self._wrapper(()))
        self.patches.replace(base, "close", self._wrapper(unix))

    def attach_uvloop(self, uvloop: Any) -> None:
        self.patches.replace(uvloop.Loop, "close", self._wrapper(()))

    def _wrapper(self, others: Any) -> Any:
        """Makes the wrapper of a `close`; loops that are instances of `others` are seen by another wrapper."""

        def make(original: Any) -> Any:
            @functools.wraps(original)
            def close(loop: Any) -> None:
                original(loop)
                if self.is_on:
                    try:
                        if not isinstance(loop, others):
                            self._closed(loop)
                    except RecursionError:
                        pass
                    except Exception as error:
                        self.failed(error)

            return close

        return make

    def _closed(self, loop: Any) -> None:
        record = self.known(id(loop))
        if record is None or record.closed:
            return
        if record.finalized:
            self.loops.closed(record)
            self.journal.event(facts.LOOP_CLOSED, facts.BY_FINALIZER, record.serial, 0)
            return
        site, flags = self.locate(2)
        self.loops.closed(record)
        self.journal.event(facts.LOOP_CLOSED, flags & WIRE_FLAGS, record.serial, site)
        self._bury(loop)

    def _bury(self, loop: Any) -> None:
        cls = type(loop)
        traits = self.loops.traits(cls)
        if traits is None:
            return
        tombstone = traits.tombstone
        if tombstone is None:
            tombstone = traits.tombstone = self._tombstone(cls)
        loop.__class__ = tombstone

    def _tombstone(self, cls: type) -> type:
        """The tombstone of a class, under the same name: `repr` and error texts must not change."""
        methods = {"__slots__": (), "__module__": cls.__module__, "__qualname__": cls.__qualname__}
        tombstone = type(cls.__name__, (cls,), methods)
        for name in TRIPWIRES:
            original = getattr(cls, name, None)
            if original is not None:
                setattr(tombstone, name, self._tripwire(tombstone, name, original))
        return tombstone

    def _tripwire(self, tombstone: type, name: str, original: Any) -> Any:
        @functools.wraps(original)
        def tripwire(loop: Any, *args: Any, **kwargs: Any) -> Any:
            # Resolved through super() at each call: kept here, it would keep the user's methods alive.
            method = getattr(super(tombstone, loop), name)
            thread = self.journal.thread()
            if not self.is_on or thread.inside_tombstone:
                return method(*args, **kwargs)
            try:
                record = self.known(id(loop))
                if record is not None:
                    site, flags = self.locate(1)
                    detail = self.journal.string(name)
                    self.journal.event(facts.USED_AFTER_CLOSE, flags & WIRE_FLAGS, record.serial, site, detail)
            except RecursionError:
                pass
            except Exception as error:
                self.failed(error)
            thread.inside_tombstone = True  # call_later calls call_at: one use is one event
            try:
                return method(*args, **kwargs)
            finally:
                thread.inside_tombstone = False

        del tripwire.__wrapped__  # functools.wraps set it: it would keep the original, and so the class, alive
        return tripwire
