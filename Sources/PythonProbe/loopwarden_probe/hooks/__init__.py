"""The hooks: one file for each thing that is watched, one line for each in ALL_HOOKS.

A hook's wrapper calls the original first and looks afterwards, catches what goes wrong in its own code only, and then
takes itself out. `RecursionError` is the exception to that: it says that the program is deep, not that the hook is
broken, so one event is lost and the hook stays (see `too_deep`).
"""

from __future__ import annotations

from .abandoning import AbandoningHook
from .advising import AdvisingHook
from .asking import AskingHook
from .base import Hook
from .children import ChildrenHook
from .closing import ClosingHook
from .complaining import ComplainingHook
from .creation import CreationHook
from .crossing import CrossingHook
from .deprecated import DeprecatedHook
from .descriptors import DescriptorsHook
from .escaping import EscapingHook
from .executing import ExecutingHook
from .finalizing import FinalizingHook
from .freezing import FreezingHook
from .lacking import LackingHook
from .leaving import LeavingHook
from .loopless import LooplessHook
from .making import MakingHook
from .managing import ManagingHook
from .nest import NestHook
from .nesting import NestingHook
from .raising import RaisingHook
from .refusing import RefusingHook
from .reusing import ReusingHook
from .running import RunningHook
from .shutdown import ShutdownHook
from .signals import SignalsHook
from .slot import SlotHook
from .stopping import StoppingHook
from .threads import ThreadsHook
from .transporting import TransportingHook
from .unawaited import UnawaitedHook
from .unclosed import UnclosedHook
from .using import UsingHook
from .waiting import WaitingHook
from .windows import WindowsHook
from .wrong_loop import WrongLoopHook

__all__ = ("ALL_HOOKS", "Hook")

ALL_HOOKS: tuple[type[Hook], ...] = (
    CreationHook,
    SlotHook,
    RunningHook,
    StoppingHook,
    ShutdownHook,
    ClosingHook,
    AskingHook,
    AdvisingHook,
    WaitingHook,
    FinalizingHook,
    NestingHook,
    LooplessHook,
    ManagingHook,
    NestHook,
    ReusingHook,
    UsingHook,
    DeprecatedHook,
    LackingHook,
    RaisingHook,
    MakingHook,
    WrongLoopHook,
    RefusingHook,
    ExecutingHook,
    AbandoningHook,
    TransportingHook,
    LeavingHook,
    FreezingHook,
    ComplainingHook,
    UnawaitedHook,
    EscapingHook,
    ChildrenHook,
    CrossingHook,
    DescriptorsHook,
    SignalsHook,
    ThreadsHook,
    UnclosedHook,
    WindowsHook,
)
