"""Sees loops being closed, and leaves a tripwire in the closed ones: the *tombstone*.

A closed loop becomes an instance of a subclass whose methods record and then do what they did. It costs nothing while
the loop is open, and it sees what a handler's `except Exception: pass` hides.
"""

from __future__ import annotations

import functools
from threading import get_ident

from .. import facts
from ..loops import TRAITS
from ..sites import WIRE_FLAGS
from .base import Hook, too_deep
from .finalizing import unwatched_finalizer
from .owning import is_in_use

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
    #: A class of loops, and what they become, made before there was one.
    _ready: tuple[type | None, type | None] = (None, None)

    def attach_asyncio(self, asyncio: Any) -> None:
        # What the subclasses' close does after this one trips no wire.
        self.patches.replace(asyncio.base_events.BaseEventLoop, "close", self._wrap)

    def attach_uvloop(self, uvloop: Any) -> None:
        self.patches.replace(uvloop.Loop, "close", self._wrap)

    def _wrap(self, original: Any) -> Any:
        journal, owner, owner_ident = self.journal, self.journal.owner, self.journal.owner_ident
        known, locate = self.known, self.locate

        @functools.wraps(original)
        def close(loop: Any) -> None:
            original(loop)
            if not self.is_on:
                return
            try:
                record = known(id(loop))
                if record is None or record.closed:
                    return
                record.closed = True
                ident = get_ident()
                thread = owner if ident == owner_ident else journal.thread()
                if thread.scope is record:
                    thread.scope = None
                    thread.write(facts.LOOP_CLOSED | record.bits, record.who, record.site, 0)
                    site = record.site
                elif record.finalized:
                    thread.write(facts.LOOP_CLOSED | facts.BY_FINALIZER << 16, record.who, 0, 0)
                    return
                else:
                    site, flags = locate(1)
                    thread.write(facts.LOOP_CLOSED | (flags & WIRE_FLAGS) << 16, record.who, site, 0)
                if ident != record.maker and ident != record.runner and is_in_use(loop, (record.maker, record.runner)):
                    self.report(facts.FOREIGN_END, 0, record.serial, site, "close")
                loop.__class__ = self._tombstone_of(loop)
            except RecursionError:
                too_deep()
            except Exception as error:
                self.failed(error)

        return close

    def at_ahead(self) -> None:
        import asyncio

        # It takes a fifth of a millisecond, which the first loop that is closed would pay for.
        cls = asyncio.SelectorEventLoop
        self._ready = cls, self._tombstone(cls)

    def _tombstone_of(self, loop: Any) -> type:
        """What the class of a loop becomes; the class itself where it is not known."""
        cls = type(loop)
        traits = getattr(cls, TRAITS, None)
        if traits is None or traits.address != id(cls):
            return cls
        if traits.tombstone is None:
            made_of, made = self._ready
            traits.tombstone = made if made is not None and made_of is cls else self._tombstone(cls)
        tombstone: type = traits.tombstone
        return tombstone

    def _tombstone(self, cls: type) -> type:
        """The tombstone of a class, under the same name: `repr` and error texts must not change."""
        methods = {"__slots__": (), "__module__": cls.__module__, "__qualname__": cls.__qualname__}
        tombstone = type(cls.__name__, (cls,), methods)
        for name in TRIPWIRES:
            original = getattr(cls, name, None)
            if original is not None:
                setattr(tombstone, name, self._tripwire(tombstone, name, original))
        finalizer = unwatched_finalizer(cls)
        if finalizer is not None:
            tombstone.__del__ = finalizer  # type: ignore[attr-defined]
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
                too_deep()
            except Exception as error:
                self.failed(error)
            thread.inside_tombstone = True  # call_later calls call_at: one use is one event
            try:
                return method(*args, **kwargs)
            finally:
                thread.inside_tombstone = False

        del tripwire.__wrapped__  # functools.wraps set it: it would keep the original, and so the class, alive
        return tripwire
