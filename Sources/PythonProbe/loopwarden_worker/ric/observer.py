"""The probe beside awslambdaric: marks the phases of the environment by what the client does."""

from __future__ import annotations

import _socket
import importlib
import json
import os
import sys
from functools import wraps

from loopwarden_probe import facts

from .. import channel as wire
from .. import faults
from ..worker import begin_observing, libraries_of, loaded_files, open_descriptors
from . import bootstrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, NoReturn

_MISSING = "Runtime.MissingRic"  # ours
_UNKNOWN = "Runtime.UnknownRic"  # ours
_PACKAGE = "awslambdaric"
_ADDRESS = "AWS_LAMBDA_RUNTIME_API"


class Observer:
    """Looks on while awslambdaric runs one handler in this process.

    :param settings: what a worker is told in CONFIG.
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        self._root: str = settings["root"]
        self._ready_file = os.path.join(os.path.dirname(settings["journal"]), "ready.json")
        self._libraries = libraries_of(settings)
        self._probe, self._answering = begin_observing(settings)
        self._journal = self._probe.journal
        self._ordinal = -1  # of the invocation; before the first: -1
        self._kind = "def"
        sys.path[0:0] = [self._root] + self._libraries

    def watch(self, client: Any, runtime: Any) -> None:
        """Begins to look on.

        :param client: the class of awslambdaric's that speaks to the Runtime API.
        :param runtime: the module of awslambdaric's that calls the handler.
        """
        self._journal.enter_phase(facts.INIT)
        self._probe.sites.add_host(os.path.join(os.path.dirname(os.path.abspath(runtime.__file__)), ""))
        client.wait_next_invocation = self._around_wait(client.wait_next_invocation)
        client.post_invocation_result = self._around_answer(client.post_invocation_result)
        client.post_invocation_error = self._around_answer(client.post_invocation_error)
        runtime._get_handler = bootstrap.finding(runtime._get_handler, self)

    def _around_wait(self, wait: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(wait)
        def wait_next_invocation(*arguments: Any, **keywords: Any) -> Any:
            block = self._tell_ready() if self._ordinal < 0 else None
            self._journal.enter_phase(facts.BETWEEN)
            if self._probe.freezes:
                self._probe.resting()
            request = wait(*arguments, **keywords)
            if block is not None:
                self._journal.taken(block)
                if self._probe.freezes:
                    self._probe.own_descriptors = _connections_to(os.environ.get(_ADDRESS, ""))
            self._journal.leave_phase()
            self._ordinal += 1
            self._journal.enter_phase(facts.INVOCATION, self._ordinal)
            self._probe.waking()
            return request

        return wait_next_invocation

    def _around_answer(self, answer: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(answer)
        def post(*arguments: Any, **keywords: Any) -> Any:
            self._journal.leave_phase()
            block = self._journal.offer()
            try:
                return answer(*arguments, **keywords)
            finally:
                self._journal.taken(block)

        return post

    def _tell_ready(self) -> bytes:
        """Says what the daemon must know of this process; it reads that when the client asks for an invocation."""
        ready = {
            "python": "{}.{}.{}".format(*sys.version_info[:3]),
            "descriptorLimit": wire.descriptor_limit(),
            "info": {
                "descriptors": open_descriptors(),
                "disabled": [{"hook": hook, "reason": reason} for hook, reason in self._probe.disabled],
                "kind": self._kind,
                "answering": self._answering,
                "modules": loaded_files([self._root, *self._libraries]),
            },
        }
        with open(self._ready_file, "w", encoding="ascii") as output:
            json.dump(ready, output)
        self._journal.leave_phase()
        return self._journal.offer()

    # -- what the client does with the handler ------------------------------------------------------------------------

    def loaded(self, handler: Any) -> None:
        """Tells that the handler's module has been imported."""
        self._probe.loaded(handler)

    def refused(self, error: Exception) -> None:
        """Tells that the handler cannot be loaded."""
        self._probe.refused(error)
        self._journal.leave_phase()

    def returned(self, error: Exception | None = None) -> None:
        """Tells that the handler has returned or raised."""
        self._probe.returned(error)
        self._probe.ended()

    def ends(self, error: BaseException) -> None:
        """Tells that what the handler has let out ends the process."""
        self._probe.loops.claim(None)  # what runs at exit is the user's doing
        self._probe.returned(error)
        self._probe.ended()
        self._journal.leave_phase()
        self._journal.enter_phase(facts.SHUTDOWN)

    def close_own(self, result: Any) -> None:
        """Closes the coroutine of an `async def` handler, which nobody runs here.

        What is wrong with it is told as the error; no warning need say it again.
        """
        code = getattr(result, "cr_code", None)
        if code is not None and code is self._probe.handler:
            result.close()


def main() -> NoReturn:
    """Runs awslambdaric in this process until it ends; the daemon has said where its settings are."""
    with open(os.environ.pop("LOOPWARDEN_SETTINGS"), encoding="utf-8") as source:
        settings = json.load(source)
    observer = Observer(settings)
    try:
        if settings.get("loop") == "uvloop":
            _use_uvloop()
        try:
            program = importlib.import_module(_PACKAGE + ".__main__")
            runtime = importlib.import_module(_PACKAGE + ".bootstrap")
            client = importlib.import_module(_PACKAGE + ".lambda_runtime_client")
        except ImportError as error:
            _refuse(_missing(error))
        try:
            observer.watch(client.LambdaRuntimeClient, runtime)
        except AttributeError as error:
            _refuse(faults.Fault(_UNKNOWN, "This {} is of a version that is not known: {}".format(_PACKAGE, error)))
        sys.argv[:] = [str(program.__file__), settings["handler"]]
        program.main(sys.argv)
    except SystemExit:
        raise
    except BaseException as error:
        raise SystemExit(faults.exit_status(error)) from None
    raise SystemExit(0)


def _use_uvloop() -> None:
    from ..hosts.base import use_uvloop_policy

    try:
        use_uvloop_policy()
    except ImportError as error:
        message = "Unable to import module 'uvloop': {}".format(error)
        _refuse(faults.Fault(faults.IMPORT_MODULE_ERROR, message))


def _connections_to(address: str) -> tuple[int, ...]:
    """The descriptors of this process's connections to an address, as in `127.1.2.3:9001`."""
    found = []
    for name in os.listdir("/proc/self/fd"):
        try:
            connection = _socket.socket(fileno=int(name))
        except OSError:
            continue  # no socket, or the listing itself
        try:
            if "{}:{}".format(*connection.getpeername()) == address:
                found.append(int(name))
        except (OSError, IndexError, TypeError):
            pass  # one without a peer, or with an address of another kind
        finally:
            connection.detach()
    return tuple(found)


def _missing(error: ImportError) -> faults.Fault:
    if (error.name or "").partition(".")[0] != _PACKAGE:
        return faults.Fault(_MISSING, "{} cannot be imported: {}".format(_PACKAGE, error))
    message = "{0} is not installed for {1}; install it there: {1} -m pip install {0}"
    return faults.Fault(_MISSING, message.format(_PACKAGE, sys.executable))


def _refuse(fault: faults.Fault) -> NoReturn:
    """Says that the handler cannot be loaded as the client would, which is not there to say it."""
    from http.client import HTTPConnection

    connection = HTTPConnection(os.environ[_ADDRESS])
    headers = {"Lambda-Runtime-Function-Error-Type": fault.kind}
    connection.request("POST", "/2018-06-01/runtime/init/error", faults.report(fault, ""), headers)
    connection.getresponse().read()
    raise SystemExit(1)
