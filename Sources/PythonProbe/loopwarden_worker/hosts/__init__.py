"""Host profiles: which event loop a handler meets. One file each, one line in ALL_HOSTS.

Vendors disagree about this, which is why a handler that passes on one fails on another.
"""

from __future__ import annotations

from .bare import BareHost
from .base import Host
from .kept import KeptHost
from .mangum import MangumHost
from .per_invocation import PerInvocationHost
from .running import RunningHost
from .server import ServerHost
from .thread import ThreadHost

__all__ = ("ALL_HOSTS", "Host", "host_named")

ALL_HOSTS: tuple[type[Host], ...] = (
    PerInvocationHost,
    BareHost,
    KeptHost,
    MangumHost,
    RunningHost,
    ServerHost,
    ThreadHost,
)


def host_named(name: str) -> type[Host]:
    """The host profile called `name`.

    :raises LookupError: when there is none.
    """
    for host in ALL_HOSTS:
        if host.name == name:
            return host
    known = ", ".join(host.name for host in ALL_HOSTS)
    raise LookupError("There is no host profile '{}'. Use one of: {}.".format(name, known))
