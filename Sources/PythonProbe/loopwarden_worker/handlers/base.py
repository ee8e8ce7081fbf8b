"""What a host profile calls."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    Function = Callable[[Any, Any], Any]


class Handler:
    """A handler that can be called: its function, and whether that is an `async def`."""

    def __init__(self, function: Function, is_async: bool) -> None:
        self.function = function
        self.is_async = is_async

    @property
    def kind(self) -> str:
        return "async def" if self.is_async else "def"
