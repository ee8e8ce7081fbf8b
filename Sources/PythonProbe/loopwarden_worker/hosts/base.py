"""What a host profile does, and when the worker asks it to."""

from __future__ import annotations

import importlib
import sys
import warnings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from typing import Any, Callable

    from loopwarden_probe.loops import Loops

    from ..channel import Channel
    from ..handlers import Handler


class Host:
    """Calls the handler in the surroundings of one kind of serverless host.

    In this order: `prepare` once before the user's code is imported, by `load`, and `open`; for each invocation `wait`
    until it is there, `call`, then (whether that raised or not) the probe's look at the slot, then `tidy`, then its
    look at the open loops; `close` when the environment is shut down.

    :param traits: what sets a host apart from others that are run by the same class; the daemon's HostTraits.
    """

    name = ""
    #: Whether the loop runs on when an answer is out, as a server's does.
    goes_on = False
    #: Whether one invocation leaves its loop, with the tasks on it, to the next.
    keeps_loop = False

    def __init__(self, loop_kind: str, loops: Loops, traits: dict[str, Any] | None = None) -> None:
        self.loop_kind = loop_kind
        self.claim = loops.claim  # spares the probe the search for who does what
        self.traits = traits or {}

    def prepare(self) -> None:
        """Gets ready before the user's code is imported."""
        if self.loop_kind == "uvloop":
            use_uvloop_policy()

    def make_current_loop(self) -> AbstractEventLoop:
        """Makes a loop that nobody will close, and puts it into this thread's slot."""
        import asyncio

        loop = asyncio.new_event_loop()
        self.claim(loop)
        asyncio.set_event_loop(loop)
        self.claim(None)
        return loop

    def load(self, load: Callable[[], Handler]) -> Handler:
        """Has the user's code imported, and returns what `load` has found in it; what it raises goes through."""
        return load()

    def open(self, handler: Handler) -> None:
        """Starts the handler's lifespan, on hosts that do so for the environment; what it raises goes through."""

    def close(self, handler: Handler) -> None:
        """Stops what `open` has started; what it raises goes through."""

    def wait(self, channel: Channel) -> None:
        """Does what this kind of host does until the next frame begins to arrive; may return earlier."""

    def call(self, handler: Handler, event: Any, context: Any) -> Any:
        """Calls the handler and returns its result; what it raises goes through."""
        raise NotImplementedError

    def inside(self, look: Callable[[], Any]) -> Any:
        """Calls `look` in the thread in which handlers run."""
        return look()

    def tidy(self) -> None:
        """Clears away what `call` has set up. Must not fail for anything that the handler did to it."""


def thread_name(traits: dict[str, Any], number: int, default: str) -> str:
    """What the host calls the `number`th thread that it makes for a `def` handler, as error messages tell it."""
    name: str = (traits.get("thread") or default).replace("{}", str(number))
    if sys.version_info < (3, 10) and name.startswith("Thread-"):
        return name.partition(" (")[0]  # unnamed threads are not called after their function yet
    return name


def import_uvloop() -> Any:
    """The module uvloop.

    :raises ImportError: when there is none.
    """
    return importlib.import_module("uvloop")


def use_uvloop_policy() -> None:
    """Makes every new loop of this process a uvloop one, asyncio.run's too."""
    asyncio = importlib.import_module("asyncio")
    uvloop = import_uvloop()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # policies, from 3.14 on
        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())


def loop_version(loop_kind: str) -> str | None:
    """The version of uvloop, when it is what loops are made of."""
    if loop_kind != "uvloop":
        return None
    return getattr(sys.modules.get("uvloop"), "__version__", None)
