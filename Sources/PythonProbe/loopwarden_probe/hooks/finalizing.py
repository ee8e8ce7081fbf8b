"""Sees loops that are collected without having been closed."""

from __future__ import annotations

import functools

from .base import Hook, too_deep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class FinalizingHook(Hook):
    """asyncio's `__del__` closes the loop; seen here first, so that the closing is known to be the finalizer's.

    uvloop has no such method: there the weak reference of the loop's record tells.
    """

    name = "finalizing"

    def attach_asyncio(self, asyncio: Any) -> None:
        self.patches.replace(asyncio.base_events.BaseEventLoop, "__del__", self._wrap)

    def _wrap(self, original: Any) -> Any:
        finalized = self.loops.finalized

        @functools.wraps(original)
        def __del__(loop: Any, *args: Any, **kwargs: Any) -> None:
            if self.is_on:
                try:
                    record = self.known(id(loop))
                    if record is not None:
                        finalized(record)
                except RecursionError:
                    too_deep()
                except Exception as error:
                    self.failed(error)
            original(loop, *args, **kwargs)

        __del__._loopwarden_original = original  # type: ignore[attr-defined]
        return __del__


def unwatched_finalizer(cls: type) -> Any:
    """What a loop of `cls` needs for a finalizer once it is closed: nothing is to be seen any more. None: its own."""
    return getattr(getattr(cls, "__del__", None), "_loopwarden_original", None)
