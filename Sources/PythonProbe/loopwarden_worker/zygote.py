"""The process that environments are forked from: an interpreter with the worker, the probe, asyncio and, if asked for,
some modules already imported; never the handler's own code.

The daemon gives it one end of a socket as descriptor 3, and sends one message for each fork: with it come the fork's
end of its channel and the pipe for what it prints. Each fork is a child of the daemon's, which waits for it and takes
it along when it is killed, as with every process that it has started itself.

A fork is nobody's environment yet. It waits on its channel until it is told which one it is to be, at once or much
later; up to then nothing has run in it that one function would have and another not.
"""

from __future__ import annotations

import _socket
import array
import asyncio
import gc
import json
import os
import random
import resource
import struct
import sys
import time
from importlib import import_module

from . import channel, hosts, imports, scouting, worker  # noqa: F401 - hosts and imports are for the forks
from .forking import Forking, ForkingUnavailable
from .handlers import functions  # noqa: F401 - the usual kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

#: The link to the daemon, as it was given.
LINK = 3
#: In bytes; what it says does not matter.
LARGEST_ORDER = 16
#: The channel, and what become descriptors 1 and 2.
_GIVEN = 3
#: Until CPython has adapted the code to what it does, from 3.11 on.
_REHEARSALS = 20
_ANSWER = struct.Struct("<q")
_RLIMIT_LOCKS = 10  # Python's `resource` has no name for it


class Refused(Exception):
    """Environments cannot be forked from here; the text says why."""


class Zygote:
    """Forks environments until the daemon closes the link."""

    def __init__(self, link: _socket.socket, order: dict[str, Any]) -> None:
        self._link = link
        self._paths = [str(path) for path in order.get("paths") or ()]
        self._preload = [str(name) for name in order.get("preload") or ()]
        self._daemon = os.getppid()
        #: Generators of random numbers that seeded themselves; in two forks they would say the same.
        self._unseeded: list[random.Random] = []
        self._needed: scouting.Regions = []

    def prepare(self) -> Forking:
        """Imports what is to be there in every fork.

        :raises Refused: when that cannot be imported, or would be shared by all forks.
        """
        try:
            forking = Forking()
        except (ForkingUnavailable, AttributeError, OSError) as error:
            raise Refused(str(error)) from None
        seed = random.Random.seed

        def noted(generator: random.Random, a: Any = None, *rest: Any, **options: Any) -> None:
            if a is None and not isinstance(generator, random.SystemRandom):
                self._unseeded.append(generator)
            seed(generator, a, *rest, **options)

        before = _descriptors()
        sys.path[0:0] = self._paths
        random.Random.seed = noted  # type: ignore[method-assign, assignment]
        try:
            for name in self._preload:
                self._import(name, before)
        finally:
            random.Random.seed = seed  # type: ignore[method-assign]
            del sys.path[0 : len(self._paths)]
        return forking

    @staticmethod
    def _import(name: str, descriptors: set[str]) -> None:
        try:
            import_module(name)
        except BaseException as error:
            raise Refused("{} cannot be imported: {}: {}".format(name, type(error).__name__, error)) from None
        if len(os.listdir("/proc/self/task")) > 1:
            raise Refused("{} starts a thread when it is imported".format(name))
        if _descriptors() != descriptors:
            raise Refused("{} opens a file or a socket when it is imported".format(name))
        if any(isinstance(each, asyncio.AbstractEventLoop) for each in gc.get_objects()):
            raise Refused("{} makes an event loop when it is imported".format(name))

    def run(self) -> NoReturn:
        """Says whether forks can be had, and why not; then makes them."""
        answer: dict[str, Any] = {}
        forking = None
        try:
            forking = self.prepare()
            answer["folders"] = [path for path in self._paths + sys.path if os.path.isdir(path)]
            answer["modules"] = worker.loaded_files(self._paths)
        except Refused as refusal:
            answer["refused"] = str(refusal)
        self._link.send(json.dumps(answer).encode("utf-8", "replace"))
        if forking is None:
            os._exit(0)
        from . import rehearsing  # the last: see worker._modules

        # After all that it observes, as in a process that imports it anew.
        self._probe = worker.prepare_to_observe()
        for _ in range(_REHEARSALS):
            rehearsing.rehearse(self._probe)
        # What is there now stays as long as the process: a fork's collections neither look at it nor copy its pages.
        gc.collect()
        gc.freeze()
        self._serve(forking)  # somebody waits for the first
        if self._probe is not None:
            self._needed = scouting.needed(forking, _settle, self._probe)
        while True:
            self._serve(forking)

    def _serve(self, forking: Forking) -> None:
        order, ancillary, _, _ = self._link.recvmsg(
            LARGEST_ORDER, _socket.CMSG_SPACE(_GIVEN * 4), _socket.MSG_CMSG_CLOEXEC
        )
        if not order:
            os._exit(0)
        given = array.array("i")
        for level, kind, data in ancillary:
            if (level, kind) == (_socket.SOL_SOCKET, _socket.SCM_RIGHTS):
                given.frombytes(data)
        try:
            process = forking.fork()
        except OSError as error:
            process = -(error.errno or 1)
        if process == 0:
            self._become(forking, *given)
        for descriptor in given:
            os.close(descriptor)
        self._link.send(_ANSWER.pack(process))

    def _become(self, forking: Forking, channel_end: int, output: int, errors: int) -> NoReturn:
        """What a process does between its fork and the order that makes it an environment."""
        os.close(self._link.detach())
        os.setsid()
        forking.die_with_parent()
        if os.getppid() != self._daemon:
            os._exit(channel.EXIT_LOST)
        os.dup2(output, 1)
        os.dup2(errors, 2)
        os.close(output)
        os.close(errors)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _be_somebody_else(self._unseeded)
        worker.main_of_fork(channel_end, _settle, self._probe, lambda is_wanted: forking.copy(self._needed, is_wanted))


def _settle(order: dict[str, Any]) -> None:
    """Makes this process the environment of an order; all of it is as Spawner.swift does it."""
    for limit, value in ((resource.RLIMIT_NOFILE, order["descriptors"]), (_RLIMIT_LOCKS, order["mark"])):
        if value:
            _limit(limit, value)
    # What is the same already stays as it is: each change costs some µs, and pages.
    zone, wanted = os.environ.get("TZ"), order["environment"]
    for name in ("LOOPWARDEN_CHANNEL", "LOOPWARDEN_TOKEN"):
        wanted.pop(name, None)  # for who connects
    for name in [name for name in os.environ if name not in wanted]:
        del os.environ[name]
    for name, value in wanted.items():
        if os.environ.get(name) != value:
            os.environ[name] = value
    if os.environ.get("TZ") != zone:
        time.tzset()
    os.chdir(order["directory"])


def _limit(resource_number: int, value: int) -> None:
    hard = resource.getrlimit(resource_number)[1]
    # Only a privileged process may raise a hard limit; the lower of the two is always allowed.
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(resource_number, (value, value))


def _be_somebody_else(unseeded: list[random.Random]) -> None:
    """What was the zygote's own and must be this process's: numbers of threads, generators of random numbers.

    `random`'s own functions, `secrets`, `uuid` and `ssl` see to it themselves; the seed of hashes is the zygote's.
    """
    for generator in unseeded:
        generator.seed()
    numpy = sys.modules.get("numpy.random")
    if numpy is not None:
        numpy.seed()
    threading = sys.modules.get("threading")
    if threading is not None:
        set_number = getattr(threading.main_thread(), "_set_native_id", None)  # os.fork forgets it
        if set_number is not None:
            set_number()


def _descriptors() -> set[str]:
    return {name for name in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + name)}


def main() -> NoReturn:
    """Begins to work for the daemon that has started this process."""
    order = json.loads(sys.argv[2])
    # As a worker finds them.
    del sys.argv[1:]
    if hasattr(sys, "orig_argv"):
        del sys.orig_argv[2:]
    os.set_inheritable(LINK, False)
    Zygote(_socket.socket(fileno=LINK), order).run()
