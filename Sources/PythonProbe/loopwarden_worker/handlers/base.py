"""What a host profile calls."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from ..worker import Worker
    from .lifespan import Lifespan

    Function = Callable[[Any, Any], Any]


class Handler:
    """A handler that can be called: its function, and whether that is an `async def`.

    :param origin: what the user has written, where that is not the function itself.
    :param lifespan: what is to be started before the first call and stopped after the last, on hosts that do so.
    """

    def __init__(
        self, function: Function, is_async: bool, origin: object = None, lifespan: Lifespan | None = None
    ) -> None:
        self.function = function
        self.is_async = is_async
        self.origin = function if origin is None else origin
        self.lifespan = lifespan

    @property
    def kind(self) -> str:
        return "async def" if self.is_async else "def"

    def lead(self, worker: Worker) -> None:
        """Says when the handler is ready for invocations. Returns when the worker may serve by itself."""
        worker.ready()
