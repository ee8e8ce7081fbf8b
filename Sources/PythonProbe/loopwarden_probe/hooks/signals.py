"""Sees signal handlers that are refused because this is not the main thread, swallowed or not."""

from __future__ import annotations

import functools
import threading
from sys import _getframe
from threading import get_ident

from .. import facts
from .base import Hook, too_deep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_WATCHERS = ("SafeChildWatcher", "FastChildWatcher")  # those that live on the main thread's loop


class SignalsHook(Hook):
    name = "signals"
    libraries = ("signal",)

    def attach_signal(self, signal: Any) -> None:
        self.patches.replace(signal, "signal", self._wrap_signal)
        self.patches.replace(signal, "set_wakeup_fd", functools.partial(self._wrap, "signal.set_wakeup_fd()"))

    def attach_asyncio(self, asyncio: Any) -> None:
        unix = getattr(asyncio, "unix_events", None)
        if unix is None:
            return
        wrap = functools.partial(self._wrap, "loop.add_signal_handler()")
        self.patches.replace(unix._UnixSelectorEventLoop, "add_signal_handler", wrap)
        base = getattr(unix, "BaseChildWatcher", None)  # gone from 3.14 on
        if base is not None:
            self.patches.replace(base, "is_active", self._wrap_active)
            for name in _WATCHERS:
                wrap = functools.partial(self._wrap, name)
                self.patches.replace(getattr(unix, name), "add_child_handler", wrap)

    def attach_uvloop(self, uvloop: Any) -> None:
        wrap = functools.partial(self._wrap, "loop.add_signal_handler()")
        self.patches.replace(uvloop.Loop, "add_signal_handler", wrap)

    def _wrap(self, name: str, original: Any) -> Any:
        @functools.wraps(original)
        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                return original(*args, **kwargs)
            except (ValueError, RuntimeError):
                if self.is_on:
                    self._refused(name)
                raise

        return call

    def _wrap_signal(self, original: Any) -> Any:
        # As it is declared: asyncio.run calls it twice from 3.11 on, and two of * and ** cost as much again.
        @functools.wraps(original)
        def signal(signalnum: Any, handler: Any) -> Any:
            try:
                return original(signalnum, handler)
            except (ValueError, RuntimeError):
                if self.is_on:
                    self._refused("signal.signal()")
                raise

        return signal

    def _wrap_active(self, original: Any) -> Any:
        @functools.wraps(original)
        def is_active(watcher: Any) -> Any:
            answer = original(watcher)
            # asyncio asks before it starts a child, and refuses to when the answer is no.
            if not answer and self.is_on and _getframe(1).f_code.co_name == "_make_subprocess_transport":
                self._refused(type(watcher).__name__)
            return answer

        return is_active

    def _refused(self, name: str) -> None:
        try:
            if get_ident() == threading.main_thread().ident:
                return  # refused for another reason
            caller = str(_getframe(2).f_globals.get("__name__"))
            if caller.startswith("asyncio.") and not name.endswith("Watcher"):
                return  # add_signal_handler's own call, which is told as that
            site, _ = self.locate(2)
            if site:
                self.report(facts.SIGNAL_OFF_MAIN, 0, 0, site, name)
        except RecursionError:
            too_deep()
        except Exception as error:
            self.failed(error)
