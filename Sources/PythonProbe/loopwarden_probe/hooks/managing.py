"""Sees `with` where `async with` is meant, the other way round, and a missing await; and cancel scopes left wrongly."""

from __future__ import annotations

from .. import facts
from .base import Hook, Message
from .expected import Expected
from .raising import chain, is_raised_by

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..probe import Probe
    from .raising import Raised

_PROTOCOLS = (
    " object does not support the context manager protocol",
    " object does not support the asynchronous context manager protocol",
)
# Before 3.11 the interpreter names only what it has looked for.
_METHODS = ("__enter__", "__exit__", "__aenter__", "__aexit__")
_YIELD_FROM = '"yield from" should be used as context manager expression'  # asyncio's locks on 3.8
_CM_MESSAGES = (
    Message(TypeError, "'", is_prefix=True, raisers=("contextlib",)),
    *(Message(AttributeError, name, raisers=()) for name in _METHODS),
    Message(RuntimeError, _YIELD_FROM, modules=("asyncio.locks",)),
)
_SCOPE_MESSAGES = tuple(
    Message(
        RuntimeError, text, is_prefix=True, raisers=("anyio",), calls=("anyio._backends._asyncio:CancelScope.__exit__",)
    )
    for text in (
        "Attempted to exit cancel scope in a different task than it was entered in",
        "Attempted to exit a cancel scope that isn't the current task",
    )
)


class ManagingHook(Hook):
    name = "managing"
    libraries = ("anyio._backends._asyncio",)
    raises = (*_CM_MESSAGES, *_SCOPE_MESSAGES)

    def __init__(self, probe: Probe) -> None:
        super().__init__(probe)
        self._expected = Expected(self.sites)

    def at_message(self, message: Message, raised: Raised) -> None:
        if raised.has_escaped:
            return  # at_raise looks at all that comes out
        if message in _SCOPE_MESSAGES:
            self.report(facts.CANCEL_SCOPE_MISUSE, 0, 0, raised.site, message.text)
        elif _is_meant(message, raised.text):
            if not self._expected.is_expected(raised.frame, message.type.__name__):
                self.report(facts.ASYNC_CM_MISUSE, 0, 0, raised.site, raised.text)

    def at_raise(self, error: BaseException) -> None:
        for inner, outer, has_escaped in chain(error):
            text = inner.args[0] if inner.args else None
            if type(text) is not str or inner.__traceback__ is None:
                continue
            for message in self.raises:
                if type(inner) is not message.type or not message.matches(text) or not _is_meant(message, text):
                    continue
                if is_raised_by(inner, message.raisers):
                    if has_escaped or not self._expected.was_expected(inner.__traceback__, type(inner).__name__):
                        flags = facts.HAS_ESCAPED if has_escaped else facts.WAS_CAUGHT
                        is_scope = message in _SCOPE_MESSAGES
                        kind = facts.CANCEL_SCOPE_MISUSE if is_scope else facts.ASYNC_CM_MISUSE
                        self.report(kind, flags, 0, self.sites.of_traceback(*outer), message.text if is_scope else text)


def _is_meant(message: Message, text: str) -> bool:
    """Whether a TypeError is "'type' object does not support the ... protocol"; newer versions add a hint."""
    return message.type is not TypeError or text[text.find("'", 1) + 1 :].startswith(_PROTOCOLS)
