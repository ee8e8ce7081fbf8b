"""Sees connections and clients that nobody closes: open when their loop is closed, or collected while open.

What is being closed then, or is a listening socket's, is left out.
"""

from __future__ import annotations

import functools
import gc
import sys
import types
import weakref

from .. import facts
from ..sites import USER
from .base import Hook, too_deep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from ..loops import LoopRecord

# What the probe sets on what an invocation makes: the line, and the invocation. None: it has been told of.
MADE = "_loopwarden_opened"
_CONNECTION, _ENDPOINT = "connection", "datagram endpoint"
_SESSION = "aiohttp.ClientSession"
_MOST_LOOKED_AT = 20_000  # objects, in the search for who keeps something


class _Watched:
    """A transport that a user's line has made, while it lives."""

    __slots__ = ("reference", "made", "what", "loop", "is_left")

    def __init__(self, reference: weakref.ref[Any], made: tuple[int, int], what: str, loop: LoopRecord) -> None:
        self.reference = reference
        self.made = made
        self.what = what
        self.loop = loop
        self.is_left = False  # uvloop's, open when its loop was closed, which closes it


class UnclosedHook(Hook):
    name = "unclosed"
    libraries = ("aiohttp.client",)

    def __init__(self, probe: Any) -> None:
        super().__init__(probe)
        self._watched: dict[int, _Watched] = {}  # by address, of what was left: by its own
        self.needs = {"at_end": self._watched}
        self._kept_by: dict[int, int] = {}  # by line, the last invocation whose connection is kept open

    def attach_asyncio(self, asyncio: Any) -> None:
        transport = asyncio.selector_events._SelectorTransport
        self.patches.replace(transport, "__init__", self._wrap_transport)
        self.patches.replace(transport, "__del__", functools.partial(self._wrap_del, _is_open_transport, _what))
        if hasattr(asyncio.StreamWriter, "__del__"):  # from 3.11.5 on: it closes the transport, if it still can
            self.patches.replace(asyncio.StreamWriter, "__del__", self._wrap_writer)

    def attach_uvloop(self, uvloop: Any) -> None:
        self.patches.replace(uvloop.Loop, "close", self._wrap_close)
        for name in ("create_connection", "create_unix_connection"):
            self.patches.replace(uvloop.Loop, name, functools.partial(self._wrap_making, _CONNECTION))
        self.patches.replace(uvloop.Loop, "create_datagram_endpoint", functools.partial(self._wrap_making, _ENDPOINT))

    def attach_aiohttp_client(self, module: Any) -> None:
        self.patches.replace(module.ClientSession, "__init__", self._wrap_session)
        is_open: Callable[[Any], bool] = lambda session: not session.closed  # noqa: E731
        wrap = functools.partial(self._wrap_del, is_open, lambda _: _SESSION)
        self.patches.replace(module.ClientSession, "__del__", wrap)

    # -- what is made -----------------------------------------------------------------------------------------------

    def _made(self, above: int) -> tuple[int, int] | None:
        """The user's line that makes something in an invocation."""
        ordinal = self.journal.ordinal
        if ordinal < 0:
            return None
        site, _ = self.locate(above + 1)
        return (site, ordinal) if site else None

    def _wrap_transport(self, original: Any) -> Any:
        @functools.wraps(original)
        def __init__(transport: Any, *args: Any, **kwargs: Any) -> None:
            original(transport, *args, **kwargs)
            # One that a server has accepted is made by no line.
            if self.is_on and getattr(transport, "_server", None) is None:
                try:
                    made = self._made(1)
                    if made is not None:
                        setattr(transport, MADE, made)
                        self._watch(transport, made, _what(transport), transport._loop)
                except RecursionError:
                    too_deep()
                except Exception as error:
                    self.failed(error)

        return __init__

    def _wrap_making(self, what: str, original: Any) -> Any:
        @functools.wraps(original)
        async def create(loop: Any, *args: Any, **kwargs: Any) -> Any:
            result = await original(loop, *args, **kwargs)
            if self.is_on:
                try:
                    made = self._made(1)
                    if made is not None:
                        self._watch(result[0], made, what, loop)
                except RecursionError:
                    too_deep()
                except Exception as error:
                    self.failed(error)
            return result

        return create

    def _watch(self, transport: Any, made: tuple[int, int], what: str, loop: Any) -> None:
        address, watched = id(transport), self._watched
        record = self.known(id(loop))
        try:
            reference = weakref.ref(transport, lambda _: watched.pop(address, None))
        except TypeError:
            return  # a transport of another make
        if record is not None:
            watched[address] = _Watched(reference, made, what, record)

    def _wrap_session(self, original: Any) -> Any:
        @functools.wraps(original)
        def __init__(session: Any, *args: Any, **kwargs: Any) -> None:
            original(session, *args, **kwargs)
            if self.is_on:
                try:
                    made = self._made(1)
                    if made is not None:
                        object.__setattr__(session, MADE, made)  # its own __setattr__ warns in debug mode
                except RecursionError:
                    too_deep()
                except Exception as error:
                    self.failed(error)

        return __init__

    # -- what is collected ------------------------------------------------------------------------------------------

    def _wrap_del(self, is_open: Callable[[Any], bool], what: Callable[[Any], str], original: Any) -> Any:
        @functools.wraps(original)
        def __del__(thing: Any, *args: Any, **kwargs: Any) -> None:
            if self.is_on:
                try:
                    made = thing.__dict__.get(MADE)
                    if made is not None and is_open(thing):
                        self._collected(made, what(thing))
                except RecursionError:
                    too_deep()
                except Exception as error:
                    self.failed(error)
            original(thing, *args, **kwargs)

        return __del__

    def _wrap_writer(self, original: Any) -> Any:
        @functools.wraps(original)
        def __del__(writer: Any, *args: Any, **kwargs: Any) -> None:
            if self.is_on and self._watched:
                try:
                    transport = writer._transport
                    watched = self._watched.get(id(transport))
                    if watched is not None and not _is_ending(transport):
                        self._forget(transport)
                        self._collected(watched.made, watched.what)
                except RecursionError:
                    too_deep()
                except Exception as error:
                    self.failed(error)
            original(writer, *args, **kwargs)

        return __del__

    def _forget(self, transport: Any) -> None:
        """It has been told of."""
        self._watched.pop(id(transport), None)
        if MADE in getattr(transport, "__dict__", ()):
            setattr(transport, MADE, None)

    def _collected(self, made: tuple[int, int], what: str) -> None:
        site, ordinal = made
        self.report(facts.RESOURCE_UNCLOSED, facts.WAS_COLLECTED, 0, site, what, 0, [("created", site, ordinal)])

    # -- what is open when its loop is closed -----------------------------------------------------------------------

    def _wrap_close(self, original: Any) -> Any:
        @functools.wraps(original)
        def close(loop: Any) -> None:
            left: list[_Watched] = []
            if self.is_on and self._watched:
                try:
                    left = [each for each in list(self._watched.values()) if each.loop() is loop and _is_left(each)]
                    for each in left:
                        self._watched.pop(id(each.reference()), None)
                except RecursionError:
                    too_deep()
                except Exception as error:
                    self.failed(error)
            original(loop)
            for each in left:
                each.is_left = True
                self._watched[id(each)] = each

        return close

    def at_end(self) -> None:
        left = [each for each in list(self._watched.values()) if each.is_left or (each.loop.closed and _is_left(each))]
        told: set[int] = set()
        for watched in left:
            self._watched.pop(id(watched), None)
            thing = watched.reference()
            if thing is not None:
                self._forget(thing)
            if watched.made[0] not in told:
                told.add(watched.made[0])
                self._judge(watched, thing)

    def _judge(self, watched: _Watched, thing: Any) -> None:
        (site, ordinal), flags = watched.made, 0
        if thing is not None and self._is_kept(thing):
            # A client that is kept opens it once. If each invocation does, none of them is used again.
            if self._kept_by.setdefault(site, ordinal) == ordinal:
                return
            flags = facts.IS_KEPT
        related = [("created", site, ordinal)]
        self.report(facts.RESOURCE_UNCLOSED, flags, watched.loop.serial, site, watched.what, 0, related)

    def _is_kept(self, thing: Any) -> bool:
        """Whether a module of the user's leads to something. What cannot be told is kept."""
        kind_of_file = self.sites.kind_of_file
        modules = [
            module
            for module in list(sys.modules.values())
            for file in [getattr(module, "__file__", None)]
            if isinstance(file, str) and kind_of_file(file) == USER
        ]
        seen = {id(module.__dict__) for module in modules}
        files = {module.__name__ for module in modules}
        level: list[Any] = [module.__dict__ for module in modules]
        while level:
            if len(seen) > _MOST_LOOKED_AT:
                return True
            following: list[Any] = []
            for each in gc.get_referents(*level):
                if each is thing:
                    return True
                kind = type(each)
                if id(each) in seen or kind in _LEADS_NOWHERE:
                    continue
                if isinstance(each, type) and each.__module__ not in files:
                    continue
                if kind is dict and isinstance(each.get("__name__"), str) and "__builtins__" in each:
                    continue  # another module's globals
                seen.add(id(each))
                following.append(each)
            level = following
        return False


_LEADS_NOWHERE = (
    int,
    float,
    str,
    bytes,
    bool,
    complex,
    type(None),
    types.ModuleType,
    types.CodeType,
    types.BuiltinFunctionType,
)


def _is_left(watched: _Watched) -> bool:
    transport = watched.reference()
    return transport is not None and getattr(transport, "_sock", True) is not None and not _is_ending(transport)


def _is_ending(transport: Any) -> bool:
    """Whether somebody has closed it, or has begun to. TLS says goodbye first, and waits for an answer."""
    if transport.is_closing():
        return True
    application = getattr(getattr(transport, "_protocol", None), "_app_transport", None)
    return bool(getattr(application, "_closed", False))


def _is_open_transport(transport: Any) -> bool:
    return transport._sock is not None and not _is_ending(transport)


def _what(transport: Any) -> str:
    return _ENDPOINT if "Datagram" in type(transport).__name__ else _CONNECTION
