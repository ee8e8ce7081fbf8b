"""poll(2), where asyncio has it imported already."""

from __future__ import annotations

import sys
from types import BuiltinFunctionType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def poll_of(descriptor: int, *events: int) -> Any:
    """What tells of a descriptor: the `poll` of an object that has no other; None where it cannot be had.

    :param events: as `register` takes them.
    """
    # gevent puts something else in its place, that waits and lets others run.
    make: Any = getattr(sys.modules.get("select"), "poll", None)
    if not isinstance(make, BuiltinFunctionType):
        return None
    poll: Any = make()
    poll.register(descriptor, *events)
    return poll.poll
