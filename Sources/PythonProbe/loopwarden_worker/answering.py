"""Makes this process answer the daemon while the handler keeps it busy: by signals, and without a thread of its own.

A second thread would make os.fork() warn, and would be seen by handlers that count threads.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # not `signal`: its enums cost a millisecond of the cold start
import faulthandler
import fcntl
import os

from loopwarden_probe.hooks.asking import AskingHook

from .channel import LOWEST_DESCRIPTOR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from loopwarden_probe import Probe


def prepare(probe: Probe, settings: dict[str, Any]) -> dict[str, Any] | None:
    """Gets ready to answer; what READY says of it, None: nothing will be answered.

    :param settings: the probe's part of CONFIG.
    """
    try:
        signals, path = settings["signals"], settings["stacks"]
        descriptor = _opened(path)
        faulthandler.register(signals["stack"], file=descriptor, all_threads=False)
        for hook in probe.hooks:
            if isinstance(hook, AskingHook):
                _signal.signal(signals["turn"], hook.tell_turn)
                _signal.signal(signals["tasks"], hook.tell_tasks)
    except (KeyError, OSError, ValueError, RuntimeError):
        return None  # an older daemon, or a system without these signals
    return {"descriptor": descriptor}


def _opened(path: str) -> int:
    """The file of stacks, at a number that handlers do not close by habit."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, LOWEST_DESCRIPTOR)
    except OSError:
        return descriptor  # the limit is low
    os.close(descriptor)
    return moved
