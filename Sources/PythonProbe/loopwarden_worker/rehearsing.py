"""Goes once through what a worker does first: what has run a few times runs faster, which a zygote's forks inherit.

Nothing stays of a rehearsal that anybody could see: its loop is closed, its task has a name of its own, and the probe
looks away.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import sys

from . import log_records, marshalling  # noqa: F401 - the log is for the forks
from .context import LambdaContext
from .handlers import Handler, functions
from .hosts.per_invocation import PerInvocationHost

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from loopwarden_probe import Probe

_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "handlers")
_MODULE = "base"
_VARIABLE = "LOOPWARDEN_REHEARSAL"
_EVENT = b'{"a": ["b", 1, 2.5, null, true]}'


def rehearse(probe: Probe | None) -> None:
    """Does once, for nobody, what comes with every environment. Never raises.

    :param probe: what observes this process already.
    """
    hooks = [] if probe is None else [hook for hook in probe.hooks if hook.is_on]
    for hook in hooks:
        hook.is_on = False
    try:
        _import()
        os.environ[_VARIABLE] = ""
        del os.environ[_VARIABLE]
        if probe is not None:
            _invoke(probe)
    except Exception:
        pass  # something that is preloaded has changed the world; whatever it is, the handler will see it, too
    finally:
        for hook in hooks:
            hook.is_on = True


def _import() -> None:
    """Imports a module of ours as a handler's is imported, from a folder that nobody has looked into."""
    if _MODULE in sys.modules:
        return
    finders = sys.path_importer_cache
    known = finders.pop(_FOLDER, None)
    sys.path.insert(0, _FOLDER)
    try:
        importlib.import_module(_MODULE)
    finally:
        sys.path.remove(_FOLDER)
        sys.modules.pop(_MODULE, None)
        finders.pop(_FOLDER, None)
        if known is not None:
            finders[_FOLDER] = known


def _invoke(probe: Probe) -> None:
    events: Any = asyncio.events
    if events._event_loop_policy is not None:
        return  # a module of the user's has one; it is not to be touched
    host = PerInvocationHost("asyncio", probe.loops)
    host.prepare()

    def function(event: Any, context: Any) -> Any:
        # Named, because those without a name are counted.
        return asyncio.Task(_nothing(), loop=host._loop, name=_VARIABLE)

    try:
        functions._code_flags(function)
        context = LambdaContext({}, json.loads('{"id": "a"}'), 0, 0)
        probe.waking()
        result = host.call(Handler(function, True), marshalling.unmarshal(_EVENT), context)
        marshalling.marshal(result, marshalling.encoder())
        probe.returned(None)
        host.tidy()
        probe.ended()
    finally:
        events._event_loop_policy = None


async def _nothing() -> None:
    pass
