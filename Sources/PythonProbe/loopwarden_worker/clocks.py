"""Clocks that can be put forward, for time that is to have passed between two invocations without anybody waiting.

What reads the functions of `time` sees it, and so does asyncio, whose timers then come due. What reads the system's
clock itself does not: `datetime.now()` and uvloop are C, `time.sleep()` and the timeouts of locks are the kernel's. The
worker and the probe have bound the real functions before.
"""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

_SECONDS = ("time", "monotonic", "perf_counter")
_CALENDAR = ("gmtime", "localtime", "ctime")  # of a moment that is given, else of now


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

    def advance(self, milliseconds: int) -> None:
        """Has time pass."""
        self._offset_ns += milliseconds * 1_000_000
        self._offset = self._offset_ns / 1e9

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
