"""Finds out which memory of a zygote an environment needs for itself, so that forks can have it copied while they wait.

Processes share memory after a fork until one of them writes, and Python writes wherever it looks: it counts references.
To copy a page takes some 3 µs, and a cold start needs a thousand. A scout is a fork that is nobody's environment: it
lives through a cold start by itself, with a handler of ours, and tells what was copied.
"""

from __future__ import annotations

import _socket
import array
import json
import os
import select
import signal
import struct
from time import time_ns

from . import channel, worker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from loopwarden_probe import Probe

    from .forking import Forking

    #: Address and length of each, in bytes.
    Regions = list[tuple[int, int]]

_SAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sample")
_PATIENCE_SECONDS = 1
_PAGE = os.sysconf("SC_PAGESIZE")
_MOST_PAGES = 4096
# Of an entry of /proc/self/pagemap (admin-guide/mm/pagemap.rst): in memory, and of this process alone.
_PRESENT, _EXCLUSIVE = 1 << 63, 1 << 56
_ENTRY_SIZE = 8
_RANGE = struct.Struct("<QQ")
_FRAME = struct.Struct("<IB")


def needed(forking: Forking, settle: Callable[[dict[str, Any]], None], probe: Probe | None) -> Regions:
    """The memory that a fork of this process is going to copy; nothing where that cannot be found out.

    :param settle: what makes a process the environment of an order.
    :param probe: observes this process.
    """
    opened: list[int] = []
    try:
        # All that an environment has no need for is done before the fork.
        regions = _writable()
        told, telling = os.pipe()
        opened += told, telling
        nowhere, journal = os.open(os.devnull, os.O_RDWR), _journal()
        opened += nowhere, journal
        ours, its_own = (end.detach() for end in _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_STREAM))
        opened += ours, its_own
        for kind, body in ((channel.START, _order(journal)), (channel.INVOKE, _invocation())):
            os.write(ours, _FRAME.pack(len(body) + 1, kind) + body)
        this, scout = os.getpid(), os.fork()
        if scout == 0:
            try:
                forking.die_with_parent()
                if os.getppid() == this:
                    os.dup2(nowhere, 1)
                    os.dup2(nowhere, 2)
                    _live(its_own, settle, probe)
                    os.write(telling, _copied(regions))
            finally:
                os._exit(0)
        os.close(telling)
        opened.remove(telling)
        try:
            answer = _read(told)
        finally:
            os.kill(scout, signal.SIGKILL)
            os.waitpid(scout, 0)
    except OSError:
        return []  # then each is copied when it is written to
    finally:
        for descriptor in opened:
            os.close(descriptor)
    return list(_RANGE.iter_unpack(answer))


def _read(told: int) -> bytes:
    """All that is to be read, up to the end; nothing where that does not come in time."""
    answer = b""
    while select.select([told], [], [], _PATIENCE_SECONDS)[0]:
        part = os.read(told, 1 << 16)
        if not part:
            return answer
        answer += part
    return b""


def _journal() -> int:
    if not hasattr(os, "memfd_create"):  # in builds for old systems
        return os.open(os.devnull, os.O_RDWR)  # no room for a journal, which is in plain memory then
    journal = os.memfd_create("journal")
    os.truncate(journal, 1 << 20)
    return journal


def _live(descriptor: int, settle: Callable[[dict[str, Any]], None], probe: Probe | None) -> None:
    """Does what an environment does, from its order to its first answer.

    :param descriptor: of a channel with all that it is told.
    """
    environment = worker.of_order(channel.Channel(descriptor), settle, probe)
    environment.begin()
    environment.serve()


def _order(journal: int) -> bytes:
    names = "DEFAULT_REGION EXECUTION_ENV LAMBDA_FUNCTION_MEMORY_SIZE LAMBDA_FUNCTION_NAME LAMBDA_FUNCTION_VERSION"
    names += " LAMBDA_INITIALIZATION_TYPE LAMBDA_LOG_GROUP_NAME LAMBDA_LOG_STREAM_NAME LAMBDA_RUNTIME_DIR REGION"
    variables = dict(os.environ, **{"AWS_" + name: "of this scout" for name in names.split()})
    variables.update({"_HANDLER": "app.handler", "LAMBDA_TASK_ROOT": _SAMPLE, "TZ": ":UTC"})
    configuration = {
        "root": _SAMPLE,
        "handler": "app.handler",
        "journal": "/proc/self/fd/{}".format(journal),
        "function": {"name": "scout", "version": "", "arn": "", "memoryMB": 128, "logGroup": "", "logStream": ""},
        "logging": True,
        "imports": True,
        "extraPaths": [],
        "probe": {
            "enabled": True,
            "stacks": os.devnull,
            "signals": {"stack": signal.SIGRTMIN + 5, "turn": signal.SIGRTMIN + 6, "tasks": signal.SIGRTMIN + 7},
        },
    }
    order = {
        "environment": variables,
        "directory": _SAMPLE,
        "descriptors": 1024,
        "mark": 1,
        "configuration": configuration,
    }
    return json.dumps(order).encode("ascii")


def _invocation() -> bytes:
    header = json.dumps({"id": "a", "arn": "b", "clientContext": None, "identity": None, "traceId": None}).encode()
    in_a_minute = time_ns() + 60 * 10**9
    return struct.pack("<IQQI", 0, in_a_minute, in_a_minute // 10**6, len(header)) + header + b'{"a": ["b", 1, 2.5]}'


def _writable() -> Regions:
    """The memory of this process's own."""
    found = []
    with open("/proc/self/maps", encoding="ascii", errors="replace") as lines:
        for line in lines:
            addresses, rights = line.split(None, 2)[:2]
            if rights == "rw-p":
                start, end = (int(address, 16) for address in addresses.split("-"))
                found.append((start, end - start))
    return found


def _copied(regions: Regions) -> bytes:
    """What of some memory is in no other process, packed; nothing if it is more than one environment needs."""
    pages = os.open("/proc/self/pagemap", os.O_RDONLY)
    entries = [
        os.pread(pages, length // _PAGE * _ENTRY_SIZE, start // _PAGE * _ENTRY_SIZE) for start, length in regions
    ]
    found: Regions = []
    count = 0
    for (start, _), states in zip(regions, entries):
        for number, state in enumerate(array.array("Q", states)):
            if state & _PRESENT and state & _EXCLUSIVE:
                count += 1
                address = start + number * _PAGE
                if found and sum(found[-1]) == address:
                    found[-1] = found[-1][0], found[-1][1] + _PAGE
                else:
                    found.append((address, _PAGE))
    return b"".join([_RANGE.pack(*region) for region in found]) if count <= _MOST_PAGES else b""
