"""What a host profile does, and when the worker asks it to."""

from __future__ import annotations

import importlib
import sys
import warnings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from loopwarden_probe.loops import Loops

    from ..handlers import Handler


class Host:
    """Calls the handler in the surroundings of one kind of serverless host.

    In this order: `prepare` once before the user's code is imported; for each invocation `call`, then (whether that
    raised or not) the probe's look at the slot, then `tidy`, then its look at the open loops.
    """

    name = ""

    def __init__(self, loop_kind: str, loops: Loops) -> None:
        self.loop_kind = loop_kind
        self.claim = loops.claim  # spares the probe the search for who does what

    def prepare(self) -> None:
        """Gets ready before the user's code is imported."""
        if self.loop_kind == "uvloop":
            use_uvloop_policy()

    def call(self, handler: Handler, event: Any, context: Any) -> Any:
        """Calls the handler and returns its result; what it raises goes through."""
        raise NotImplementedError

    def inside(self, look: Callable[[], Any]) -> Any:
        """Calls `look` in the thread in which handlers run."""
        return look()

    def tidy(self) -> None:
        """Clears away what `call` has set up. Must not fail for anything that the handler did to it."""


def use_uvloop_policy() -> None:
    """Makes every new loop of this process a uvloop one, asyncio.run's too."""
    asyncio = importlib.import_module("asyncio")
    uvloop = importlib.import_module("uvloop")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # policies, from 3.14 on
        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())


def loop_version(loop_kind: str) -> str | None:
    """The version of uvloop, when it is what loops are made of."""
    if loop_kind != "uvloop":
        return None
    return getattr(sys.modules.get("uvloop"), "__version__", None)
