"""Sees descriptors that pile up over invocations, and the line that opens them.

The lowest free number is looked at whenever an invocation ends; the rest only when that has risen. The line is looked
for when a pile is suspected: from then on each opening is noted, until the pile has been told of.
"""

from __future__ import annotations

import os
import sys

from .. import facts
from ..polling import poll_of
from .base import Hook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_FOLDER = "/proc/self/fd"
# A cold invocation opens what is kept, so growth is counted from the first warm one on.
_SUSPICIOUS = 2  # growths
_FEWEST_GROWTHS, _WITHIN = 4, 6  # so many in so many invocations …
_MANY_GROWTHS = 10  # … or so many in all
# Connection pools grow too, up to their limit; those that are kept to one peer would be used again.
_SOCKETS, _PIPES, _FILES, _OTHERS = "sockets", "pipes", "files", "descriptors"
_MORE_FOR_SOCKETS = 2
_TIMES_FOR_PEERS = 5
_MOST_RELATED = 3
_IS_CLOSED = 0x20  # POLLNVAL
_OPENINGS = frozenset(("open", "socket.__new__", "sqlite3.connect", "mmap.__new__"))

# An audit hook cannot be taken out again: there is at most one in a process, and it asks who wants to know.
_has_audit_hook = False
_listener: DescriptorsHook | None = None


class DescriptorsHook(Hook):
    name = "descriptors"

    def __init__(self, probe: Any) -> None:
        super().__init__(probe)
        self._lowest = -1  # the highest that the lowest free number has been at an end
        self._growths: list[tuple[int, int]] = []  # the invocation, and how many were open at its end
        self._most = 0
        self._lines: dict[int, tuple[int, int]] = {}  # by descriptor: the line that was about to open it, and when
        self._is_told = False
        self._poll: Any = None  # tells of the number `_lowest`; None: not possible

    def at_loaded(self) -> None:
        self._rose(_lowest_free())

    def at_end(self) -> None:
        if self._poll is not None:
            found = self._poll(0)
            if found and found[0][1] & _IS_CLOSED:
                return  # so the lowest free number has not risen: half the time and the system calls of asking for it
        lowest = _lowest_free()
        if lowest <= self._lowest:
            return
        self._rose(lowest)
        try:
            numbers = [int(name) for name in os.listdir(_FOLDER)]
        except OSError:
            self.missing(_FOLDER)
            self.is_on = False
            return
        count = len(numbers) - 1  # the listing itself needs one
        ordinal = self.journal.ordinal
        is_growth = count > self._most
        self._most = max(count, self._most)
        if not is_growth or ordinal <= 0:
            return
        self._growths.append((ordinal, count))
        if len(self._growths) >= _SUSPICIOUS and not self._is_told:
            self._listen()
        if len(self._growths) >= _FEWEST_GROWTHS:
            self._judge(numbers, ordinal, count)

    def _rose(self, lowest: int) -> None:
        self._lowest = lowest
        self._poll = poll_of(lowest) if lowest >= 0 else None

    def _judge(self, numbers: list[int], ordinal: int, count: int) -> None:
        kinds = {number: _kind(number) for number in numbers}
        # What the number was given to by the time of the listing is what was noted last.
        lines = {number: self._lines[number] for number in numbers if number in self._lines and kinds[number]}
        tally: dict[tuple[int, str], int] = {}
        for number, (site, _) in lines.items():
            key = (site, kinds[number])
            tally[key] = tally.get(key, 0) + 1
        site, kind = max(tally, key=lambda key: tally[key]) if tally else (0, _OTHERS)
        noted_in = {made for number, (where, made) in lines.items() if where == site}
        flags = 0
        if not site or len(noted_in) < 2:
            site, kind, flags = self._handler(), _OTHERS, facts.LINE_IS_HANDLERS
        needed, within, many = _FEWEST_GROWTHS, _WITHIN, _MANY_GROWTHS
        sockets = [number for number in numbers if kinds[number] == _SOCKETS and number in self._lines]
        if kind == _SOCKETS or (flags and len(sockets) > 1):
            needed, within, many = needed + _MORE_FOR_SOCKETS, within + _MORE_FOR_SOCKETS, many * 2
            if _are_of_many_peers(sockets):
                needed, within, many = needed * _TIMES_FOR_PEERS, within * _TIMES_FOR_PEERS, many * _TIMES_FOR_PEERS
        growths = self._growths
        is_steady = len(growths) >= needed and ordinal - growths[-needed][0] < within
        if not site or not (is_steady or len(growths) >= many):
            return
        self._is_told = True
        self._listen(False)
        first = growths[0][0] if len(growths) <= needed else growths[-needed][0]
        # The latest need not be the culprit's own growths: the first says since when, the last that it goes on.
        related = [("opened", site, made) for made in sorted(noted_in)[-_MOST_RELATED:]] if not flags else []
        self.report(facts.DESCRIPTORS, flags, 0, site, kind, count, [("grew", site, first), *related])

    def _handler(self) -> int:
        code = self.probe.handler
        return 0 if code is None else self.sites.of_code(code)

    # -- who opens what ---------------------------------------------------------------------------------------------

    def _listen(self, wants: bool = True) -> None:
        global _listener, _has_audit_hook
        if not wants:
            if _listener is self:
                _listener = None
            return
        if _listener is self:
            return
        _listener = self
        self.patches.replace(os, "pipe", self._wrap_pipe)
        if not _has_audit_hook:
            _has_audit_hook = True
            sys.addaudithook(_audit)

    def detach(self) -> None:
        self._listen(False)
        super().detach()

    def failed(self, error: Exception) -> None:
        self._listen(False)
        super().failed(error)

    def _wrap_pipe(self, original: Any) -> Any:
        def pipe() -> tuple[int, int]:
            ends: tuple[int, int] = original()
            if _listener is self:
                self.opening(ends, 2)
            return ends

        return pipe

    def opening(self, numbers: tuple[int, ...], above: int) -> None:
        """Notes the line that opens some descriptors. Never raises."""
        try:
            ordinal = self.journal.ordinal
            site = self.locate(above)[0]
            for number in numbers or (_lowest_free(),):
                if site and ordinal >= 0:
                    self._lines[number] = (site, ordinal)
                else:
                    self._lines.pop(number, None)
        except RecursionError:
            pass  # one line less
        except Exception as error:
            self.failed(error)


def _audit(event: str, arguments: Any) -> None:
    listener = _listener
    if listener is not None and event in _OPENINGS:
        listener.opening((), 2)


def _lowest_free() -> int:
    """The number that the next descriptor will get; -1 when none is free."""
    for number in (2, 1, 0):
        try:
            copy = os.dup(number)
        except OSError:
            continue
        os.close(copy)
        return copy
    return -1


def _kind(number: int) -> str:
    """What a descriptor is; empty when it is closed."""
    try:
        target = os.readlink("{}/{}".format(_FOLDER, number))
    except OSError:
        return ""
    if target.startswith("socket:"):
        return _SOCKETS
    if target.startswith("pipe:"):
        return _PIPES
    return _FILES if target.startswith("/") else _OTHERS


def _are_of_many_peers(numbers: list[int]) -> bool:
    """Whether each of some sockets is connected to somebody else."""
    import _socket

    peers = []
    for number in numbers:
        try:
            socket = _socket.socket(fileno=number)
        except OSError:
            continue
        try:
            peers.append(socket.getpeername())
        except OSError:
            pass  # not connected
        finally:
            socket.detach()
    return len(peers) > 1 and len(set(map(str, peers))) == len(peers)
