"""Clocks that can be put forward, for time that is to have passed between two invocations without anybody waiting.

What reads the functions of `time` sees it, so does `datetime`, and asyncio, whose timers then come due. What reads the
system's clock itself does not: uvloop's timers, other programs, `time.sleep()` and the timeouts of locks. The worker
and the probe have bound the real functions before.
"""

from __future__ import annotations

import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

_SECONDS = ("time", "monotonic", "perf_counter")
_CALENDAR = ("gmtime", "localtime", "ctime")  # of a moment that is given, else of now
_TRIAL_MS = 86_400_000
_DEPRECATED = (
    "datetime.datetime.utcnow() is deprecated and scheduled for removal in a future version. Use timezone-aware objects"
    " to represent datetimes in UTC: datetime.datetime.now(datetime.UTC)."
)


class Clocks:
    """All clocks of `time` that move when nobody works; those of the process's and the thread's own time do not."""

    def __init__(self) -> None:
        self._offset_ns = 0
        self._offset = 0.0  # the same in seconds

    def install(self) -> None:
        """Takes the place of the functions, for good; before the user's code can bind them."""
        for name in _SECONDS:
            self._replace(name, self._seconds)
            self._replace(name + "_ns", self._nanoseconds)
        now = time.time
        for name in _CALENDAR:
            self._replace(name, lambda original: self._calendar(original, now))
        self._move_dates(now)

    def advance(self, milliseconds: int) -> None:
        """Has time pass."""
        self._offset_ns += milliseconds * 1_000_000
        self._offset = self._offset_ns / 1e9

    def _move_dates(self, seconds: Callable[[], float]) -> None:
        """Has `datetime.now()` and `utcnow()`, which do not ask `time`, move as well; `today()` does ask.

        The class itself must stay: it is what others compare types with. Its methods are in a dictionary that is not to
        be had but from the garbage collector. It is tried, and where it does not help everything is put back.
        """
        import datetime
        import gc

        cls = datetime.datetime
        names: Any = next((each for each in gc.get_referents(cls.__dict__) if type(each) is dict), {})
        originals = {name: names[name] for name in ("now", "utcnow", "fromtimestamp") if name in names}
        if len(originals) < 3:
            return
        utc = datetime.timezone.utc

        def moved(owner: type, tz: Any) -> Any:
            return originals["fromtimestamp"].__get__(None, owner)(seconds(), tz)

        def now(cls: type, tz: Any = None) -> Any:
            return moved(cls, tz)

        def utcnow(cls: type) -> Any:
            if sys.version_info >= (3, 12):
                import warnings

                warnings.warn(_DEPRECATED, DeprecationWarning, stacklevel=2)
            return moved(cls, utc).replace(tzinfo=None)

        before = moved(cls, utc)  # not cls.now(): Python would remember where that was found
        names.update(now=classmethod(now), utcnow=classmethod(utcnow))
        self.advance(_TRIAL_MS)
        try:
            if (cls.now(utc) - before).total_seconds() < _TRIAL_MS / 2000:
                names.update(originals)
        finally:
            self.advance(-_TRIAL_MS)

    @staticmethod
    def _replace(name: str, make: Callable[[Any], Callable[..., Any]]) -> None:
        original = getattr(time, name)
        setattr(time, name, _Clock(make(original), original))

    def _seconds(self, original: Callable[[], float]) -> Callable[[], float]:
        return lambda: original() + self._offset

    def _nanoseconds(self, original: Callable[[], int]) -> Callable[[], int]:
        return lambda: original() + self._offset_ns

    @staticmethod
    def _calendar(original: Callable[..., Any], now: Callable[[], float]) -> Callable[..., Any]:
        return lambda seconds=None: original(now() if seconds is None else seconds)


class _Clock:
    """A function that, as one in C, does not become a method where a class has it for an attribute."""

    def __init__(self, function: Callable[..., Any], original: Any) -> None:
        self._function = function
        self.__name__ = self.__qualname__ = original.__name__
        self.__module__ = "time"
        self.__doc__ = original.__doc__

    def __call__(self, *arguments: Any) -> Any:
        return self._function(*arguments)

    def __repr__(self) -> str:
        return "<built-in function {}>".format(self.__name__)
