"""Sees `with` where `async with` is meant, the other way round, and a missing await; what is used outside of its block;
and cancel scopes left wrongly.
"""

from __future__ import annotations

from .. import facts
from .base import Message
from .telling import TellingHook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .raising import Raised
    from .telling import Places

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
# asyncio's own text has the group's state in it.
_GROUP = Message(RuntimeError, "TaskGroup <TaskGroup", is_prefix=True, modules=("asyncio.taskgroups",))
_GROUP_STATES = (" has not been entered", " has already been entered", " is finished")
_EARLY_STATE = " has been already entered"  # in the first versions of 3.11
_BLOCK_MESSAGES = (
    _GROUP,
    Message(RuntimeError, "Timeout has already been entered", modules=("asyncio.timeouts",)),
    Message(RuntimeError, "Timeout has not been entered", modules=("asyncio.timeouts",)),
    Message(RuntimeError, "Timeout should be used inside a task", modules=("asyncio.timeouts",)),
    Message(RuntimeError, "TaskGroup cannot be entered more than once", raisers=("anyio",)),
    Message(RuntimeError, "This task group is not active; no new tasks can be started.", raisers=("anyio",)),
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


class ManagingHook(TellingHook):
    name = "managing"
    libraries = ("anyio._backends._asyncio",)
    raises = (*_CM_MESSAGES, *_BLOCK_MESSAGES, *_SCOPE_MESSAGES)

    def is_meant(self, message: Message, text: str) -> bool:
        if message is _GROUP:
            return text.endswith((*_GROUP_STATES, _EARLY_STATE))
        # "'type' object does not support the ... protocol"; newer versions add a hint.
        return message.type is not TypeError or text[text.find("'", 1) + 1 :].startswith(_PROTOCOLS)

    def is_expected(self, message: Message, raised: Raised) -> bool:
        # Nobody tries to find out whether a scope is the current one.
        return message not in _SCOPE_MESSAGES and super().is_expected(message, raised)

    def tell(self, message: Message, error: BaseException, flags: int, site: int, places: Places) -> None:
        if message in _SCOPE_MESSAGES:
            self.report(facts.CANCEL_SCOPE_MISUSE, flags, 0, site, message.text)
            return
        text = str(error.args[0])
        if message is _GROUP:
            text = "TaskGroup" + next((each for each in _GROUP_STATES if text.endswith(each)), _GROUP_STATES[1])
        self.report(facts.ASYNC_CM_MISUSE, flags, 0, site, text)
