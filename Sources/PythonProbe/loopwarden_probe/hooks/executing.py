"""Sees executors being used after they were shut down, and remembers where they were made and shut down."""

from __future__ import annotations

import functools
from sys import _getframe

from .. import facts
from .base import Hook, Message, too_deep
from .making import MADE, remembered
from .owning import attributes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

    from .raising import Raised

SHUT = "_loopwarden_shut"  # as MADE, on an executor
_NEAR = 4  # frames
_METHODS = ("method", "builtin_function_or_method", "cython_function_or_method")

_AFTER_SHUTDOWN = Message(
    RuntimeError,
    "cannot schedule new futures after shutdown",
    raisers=("concurrent",),
    modules=("concurrent.futures.thread", "concurrent.futures.process"),
)
_AT_EXIT = Message(
    RuntimeError,
    "cannot schedule new futures after interpreter shutdown",
    raisers=("concurrent",),
    modules=("concurrent.futures.thread", "concurrent.futures.process"),
)
_DEFAULT = Message(
    RuntimeError,
    "Executor shutdown has been called",
    modules=("asyncio.base_events",),
    calls=("uvloop:Loop.run_in_executor",),
)


class ExecutingHook(Hook):
    name = "executing"
    libraries = ("concurrent.futures.thread", "concurrent.futures.process")
    raises = (_AFTER_SHUTDOWN, _AT_EXIT, _DEFAULT)

    def attach_concurrent_futures_thread(self, module: Any) -> None:
        self._attach(module.ThreadPoolExecutor)

    def attach_concurrent_futures_process(self, module: Any) -> None:
        self._attach(module.ProcessPoolExecutor)

    def _attach(self, cls: type) -> None:
        self.patches.replace(cls, "__init__", self._wrap_init)
        self.patches.replace(cls, "shutdown", self._wrap_shutdown)

    def _wrap_init(self, original: Any) -> Any:
        @functools.wraps(original)
        def __init__(executor: Any, *args: Any, **kwargs: Any) -> None:
            original(executor, *args, **kwargs)
            self._note(executor, MADE)

        return __init__

    def _wrap_shutdown(self, original: Any) -> Any:
        @functools.wraps(original)
        def shutdown(executor: Any, *args: Any, **kwargs: Any) -> None:
            if SHUT not in executor.__dict__:  # before: it may wait for long, and be used meanwhile
                self._note(executor, SHUT)
            original(executor, *args, **kwargs)

        return shutdown

    def _note(self, executor: Any, attribute: str) -> None:
        if self.is_on:
            try:
                site = self.locate(2)[0] or self._site_of_loop(_getframe(2))
                setattr(executor, attribute, site | self.journal.high_word)
            except AttributeError:
                pass  # a class of the user's that takes no attributes
            except RecursionError:
                too_deep()
            except Exception as error:
                self.failed(error)

    def _site_of_loop(self, frame: FrameType | None) -> int:
        """Who has made the loop that shuts its executor down, which it does in a thread of its own."""
        for _ in range(_NEAR):
            if frame is None:
                break
            caller = frame.f_locals.get("self")
            # uvloop's thread calls a method that leaves no frame.
            target = next((each for each in attributes(caller) if type(each).__name__ in _METHODS), None)
            for candidate in (caller, getattr(target, "__self__", None)):
                record = self.known(id(candidate))
                if record is not None:
                    return record.site
            frame = frame.f_back
        return 0

    def at_message(self, message: Message, raised: Raised) -> None:
        """:raises Exception: what goes wrong; the caller takes care of it."""
        site = raised.site
        if not site:
            return  # the host's own
        values = raised.frame.f_locals
        if message is _DEFAULT:
            for loop in (values.get("self"), values.get("loop"), *(values.get("args") or ())[:1]):
                record = self.known(id(loop))
                if record is not None:
                    self.report(facts.EXECUTOR_REUSED, facts.IS_DEFAULT_EXECUTOR, record.serial, site)
                    return
            return
        executor = values.get("self")
        cls = type(executor)
        flags = facts.AT_INTERPRETER_EXIT if message is _AT_EXIT else 0
        related = [remembered(executor, MADE, "created"), remembered(executor, SHUT, "closed")]
        self.report(facts.EXECUTOR_REUSED, flags, 0, site, "{}.{}".format(cls.__module__, cls.__qualname__), 0, related)
