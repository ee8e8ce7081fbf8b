"""The life of a worker: hello, init, then one invocation after another until the daemon says otherwise."""

from __future__ import annotations

import json
import os
import struct
import sys
from time import monotonic_ns, time_ns

from loopwarden_probe import Probe, __version__, facts
from loopwarden_probe.journal import Journal
from loopwarden_probe.sites import HOST

from . import answering, faults, handlers, marshalling
from . import channel as wire
from .channel import Channel
from .context import LambdaContext
from .request_log import RequestLog

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, NoReturn

    from loopwarden_probe.injecting import Injection

    from .clocks import Clocks
    from .handlers import Handler
    from .hosts import Host
    from .imports import ImportWatch

PROTOCOL = 1
_INVOKE = struct.Struct("<IQQI")
_REPLY = struct.Struct("<IBBHQQI")
_TIMES = struct.Struct("<QQ")
_LENGTH = struct.Struct("<I")
_MOST_FILES = 500  # the daemon looks at each before every warm start
_LAST_OF_ZYGOTE = "loopwarden_worker.rehearsing"
_HERE = os.path.dirname(os.path.abspath(__file__))
_TRACE_VARIABLE = "_X_AMZN_TRACE_ID"


class Worker:
    """One plugin, loaded in this process.

    :param prepared: observes already, and is used where it observes what CONFIG asks for.
    """

    def __init__(self, channel: Channel, config: dict[str, Any], began_ns: int, prepared: Probe | None = None) -> None:
        self._channel = channel
        self._began_ns = began_ns
        self._function: dict[str, Any] = config.get("function") or {}
        self._handler_kind: str = config.get("kind") or "lambda"
        self._handler_name: str = config["handler"]
        self._host_name: str = config.get("host") or "per-invocation"
        self._restarts_apps: bool = config.get("lifespan") == "invocation"
        self._host_traits: dict[str, Any] = config.get("hostTraits") or {}
        if self._handler_kind in ("app", "wsgi"):
            # No server imports a WSGI app where a loop runs, and of the others it is not known what they are.
            self._host_traits["importsFirst"] = True
            if self._host_name == "running":
                self._host_name = "server"  # nor calls it there
        self._loop_kind: str = config.get("loop") or "asyncio"
        self._root: str = config["root"]
        faults.tells_plainly = config.get("plain", False)
        self._libraries = libraries_of(config)
        self._probe, self._answering = begin_observing(config, (channel.descriptor,), prepared)
        self._journal = self._probe.journal
        sys.path[0:0] = [self._root] + self._libraries
        self._encoder = marshalling.encoder()
        self._clocks = _movable_clocks() if config.get("simulatesIdle") else None
        self._log = RequestLog()
        if config.get("logging"):
            self._log.install()
        self._imports = _import_watch(config) if config.get("imports") else None
        self._trace_id: Any = ""  # as nobody sends it, so that the first invocation clears the inherited one
        self._handler: Handler
        self._host: Host

    @property
    def probe(self) -> Probe:
        return self._probe

    def run(self) -> NoReturn:
        """Loads the handler and serves until the daemon ends it or the handler ends the process."""
        self.begin()
        self.serve()
        if self._imports is not None:
            self._tell_late_imports(self._imports)
            self._imports = None
        self._channel.settle()
        while True:
            self.serve()

    def begin(self) -> None:
        """Loads the handler, and says so."""
        self._load()
        self._handler.lead(self)

    def serve(self) -> None:
        """Waits for what the daemon wants next, and does it."""
        self._journal.enter_phase(facts.BETWEEN)
        self._host.wait(self._channel)
        kind, body = self._channel.receive()
        while kind == wire.FREEZE:
            self._probe.resting()
            self._send_with_events(wire.ALIVE, b"")
            kind, body = self._channel.receive()  # no loop goes on
        self._journal.leave_phase()
        if kind == wire.INVOKE:
            self._invoke(body)
        elif kind == wire.SHUTDOWN:
            self._shut_down()
        else:
            os._exit(wire.EXIT_LOST)

    # -- init -----------------------------------------------------------------------------------------------------

    def _load(self) -> None:
        journal = self._journal
        journal.enter_phase(facts.INIT)
        try:
            self._host = self._prepared_host()
            if self._imports is not None:
                self._imports.start()
            self._handler = self._host.load(lambda: handlers.load(self._handler_kind, self._handler_name))
            self._probe.loaded(self._handler.origin)
            if not self._restarts_apps:
                self._host.open(self._handler)
            self._probe.loops.goes_on, self._probe.loops.are_kept = self._host.goes_on, self._host.keeps_loop
        except Exception as error:
            self.refuse(error)
        except BaseException as error:
            self._end(error)

    def ready(self) -> None:
        """Ends the init phase: says that the handler is loaded."""
        info = {
            "loop": self._loop_kind,
            "loopVersion": _loop_version(self._loop_kind),
            "descriptors": open_descriptors(),
            "descriptorLimit": wire.descriptor_limit(),
            "disabled": [{"hook": hook, "reason": reason} for hook, reason in self._probe.disabled],
            "kind": self._handler.kind,
            "answering": self._answering,
            "tellsWhatIsAlive": True,
            "modules": loaded_files([self._root, *self._libraries]),
            "imports": None if self._imports is None else self._imports.report(),
        }
        text = json.dumps(info).encode("ascii")
        self._journal.leave_phase()
        head = _TIMES.pack(self._began_ns, monotonic_ns()) + _LENGTH.pack(len(text)) + text
        self._send_with_events(wire.READY, head)

    def _tell_late_imports(self, imports: ImportWatch) -> None:
        """Tells what the first invocation has imported; it was answered already."""
        imports.stop()
        late = imports.report()
        if late is not None and late["modules"]:
            self._channel.send(wire.IMPORTS, json.dumps(late).encode("ascii"))

    def _prepared_host(self) -> Host:
        from .hosts import host_named

        host = host_named(self._host_name)(self._loop_kind, self._probe.loops, self._host_traits)
        try:
            host.prepare()
        except ImportError as error:
            message = "Unable to import module '{}': {}".format(self._loop_kind, error)
            raise faults.Fault(faults.IMPORT_MODULE_ERROR, message) from None
        return host

    def refuse(self, error: Exception) -> NoReturn:
        """Ends the init phase, and the process: the handler cannot be loaded."""
        self._probe.refused(error)
        self._journal.leave_phase()
        document = faults.report(error, "")
        block = self._journal.block()
        head = _TIMES.pack(self._began_ns, monotonic_ns()) + _LENGTH.pack(len(block))
        self._channel.send(wire.INIT_ERROR, head + block + document)
        _flush_output()
        os._exit(1)

    # -- invoke ---------------------------------------------------------------------------------------------------

    def _invoke(self, body: bytes) -> None:
        ordinal, deadline_ns, deadline_epoch_ms, header_length = _INVOKE.unpack_from(body)
        payload_at = _INVOKE.size + header_length
        header: dict[str, Any] = marshalling.parse(body[_INVOKE.size : payload_at])
        self._set_trace(header.get("traceId"))
        self._log.request_id, self._log.tenant_id = header.get("id") or "", header.get("tenantId")
        if self._clocks is not None:
            self._clocks.advance(header.get("idleMs") or 0)
        injection = self._injection(header["fault"], ordinal) if "fault" in header else None
        self._journal.enter_phase(facts.INVOCATION, ordinal)
        self._probe.waking()
        began_ns = monotonic_ns()
        status = 0
        try:
            context = LambdaContext(self._function, header, deadline_ns, deadline_epoch_ms)
            event = marshalling.unmarshal(body[payload_at:])
            reply = marshalling.marshal(self._call(event, context, injection), self._encoder)
        except BaseException as error:
            if not isinstance(error, Exception) and (injection is None or not injection.explains(error)):
                self._end(error)
            status = 1
            reply = faults.report(error, header.get("id") or "")
        self._journal.leave_phase()
        block = self._journal.block()
        head = _REPLY.pack(ordinal, status, 0, 0, began_ns, monotonic_ns(), len(block))
        self._channel.send(wire.REPLY, head + block + reply)
        self._journal.sent(block)

    def _call(self, event: Any, context: LambdaContext, injection: Injection | None) -> Any:
        try:
            if injection is None:
                result = self._host.call(self._handler, event, context)
            else:
                result = injection.call(lambda: self._host.call(self._handler, event, context))
        except Exception as error:
            self._finish_call(error)
            raise
        except BaseException as error:
            # Servers outlive what their clients cancel.
            if injection is not None and injection.explains(error):
                self._probe.expects_cancellation = True
                self._finish_call(error)
                self._probe.expects_cancellation = False
            raise
        # What else comes out ends the process, and must not wait for tasks that do not want to be cancelled.
        self._finish_call()
        return result

    def _injection(self, fault: dict[str, Any], ordinal: int) -> Injection:
        from loopwarden_probe.hooks.leaving import LeavingHook
        from loopwarden_probe.injecting import Injection

        leaving = [hook for hook in self._probe.hooks if isinstance(hook, LeavingHook)]

        def counts(coroutine: Any) -> bool:
            # What a host does for itself around a handler that is not asynchronous is none of the handler's work.
            code = getattr(coroutine, "cr_code", None)
            return self._handler.is_async or code is None or self._probe.sites.kind_of(code) != HOST

        return Injection(
            fault["kind"],
            fault["at"],
            self._probe.sites,
            tell=lambda: self._channel.send(wire.FAULT_APPLIED, _LENGTH.pack(ordinal)),
            counts=counts,
            watch=leaving[0].watch if leaving else lambda task: None,
        )

    def _finish_call(self, error: BaseException | None = None) -> None:
        self._host.inside(lambda: self._probe.returned(error))
        try:
            self._host.tidy()
        except Exception:
            pass  # whatever the handler broke: its own result stands
        self._probe.ended()

    def _set_trace(self, trace_id: Any) -> None:
        if trace_id == self._trace_id:
            return  # a change of the environment costs 2 µs
        self._trace_id = trace_id
        if trace_id:
            os.environ[_TRACE_VARIABLE] = trace_id
        else:
            os.environ.pop(_TRACE_VARIABLE, None)

    # -- the end --------------------------------------------------------------------------------------------------

    def _end(self, error: BaseException) -> NoReturn:
        """The handler lets SystemExit, KeyboardInterrupt or CancelledError out: Python ends, as it does on Lambda.

        Nothing is sent: the daemon sees the exit, and finds the events in the journal.
        """
        self._probe.loops.claim(None)  # what runs at exit is the user's doing
        self._probe.returned(error)
        self._probe.ended()
        self._journal.leave_phase()
        self._journal.enter_phase(facts.SHUTDOWN)
        raise SystemExit(faults.exit_status(error))

    def _shut_down(self) -> NoReturn:
        """Ends at once, as Lambda does: no atexit, no finally, no loop is closed; but servers let apps stop."""
        self._journal.enter_phase(facts.SHUTDOWN)
        try:
            self._host.close(self._handler)
        except BaseException as error:
            faults.print_error(error)
        self._journal.leave_phase()
        self._send_with_events(wire.BYE, b"")
        _flush_output()
        os._exit(0)

    def _send_with_events(self, kind: int, head: bytes) -> None:
        block = self._journal.block()
        self._channel.send(kind, head + block)
        self._journal.sent(block)


def libraries_of(config: dict[str, Any]) -> list[str]:
    """The folders where the user's modules are found beside the function's own."""
    return [str(path) for path in config.get("extraPaths") or ()]


def prepare_to_observe() -> Probe | None:
    """A probe that observes already, for a process that is forked before it is known what; None: it has to be known."""
    probe = Probe(hosts=[_HERE])
    probe.install()
    probe.ahead()
    if not probe.journal.has_events and not probe.disabled:
        return probe
    probe.uninstall()
    return None


def begin_observing(
    config: dict[str, Any], own_descriptors: tuple[int, ...] = (), prepared: Probe | None = None
) -> tuple[Probe, dict[str, Any] | None]:
    """Begins to observe as CONFIG says, before anything of the user's is imported.

    :param prepared: what `prepare_to_observe` has made before this process was forked.
    :returns: the probe, and what it answers while the handler is busy; None: nothing.
    """
    wishes = config.get("probe") or {}
    is_usual = wishes.get("enabled", True) and not wishes.get("deep") and config.get("kind") != "tests"
    if prepared is not None and is_usual:
        probe = prepared
        probe.journal.go_on(config.get("journal"))
        probe.sites.add_user(config["root"], libraries_of(config))
    else:
        if prepared is not None:
            prepared.uninstall()
        probe = Probe(
            Journal.open(config.get("journal")),
            config["root"],
            libraries_of(config),
            [_HERE],
            is_deep=wishes.get("deep", False),
            is_suite=config.get("kind") == "tests",
        )
    probe.reads_sources = wishes.get("sources", False)
    probe.freezes = wishes.get("freezes", False)
    probe.own_descriptors = own_descriptors
    if wishes.get("enabled", True):
        probe.install()  # does nothing where it is already
    return probe, answering.prepare(probe, wishes) if probe.is_installed else None


def main() -> NoReturn:
    """Connects to the daemon that has started this process, and works for it."""
    began_ns = monotonic_ns()
    channel = Channel.to(os.environ.pop("LOOPWARDEN_CHANNEL"))
    _say_hello(channel, os.environ.pop("LOOPWARDEN_TOKEN", ""))
    kind, body = channel.receive()
    if kind != wire.CONFIG:
        os._exit(wire.EXIT_LOST)
    _work(lambda: Worker(channel, json.loads(body), began_ns))


def main_of_fork(
    descriptor: int,
    become: Callable[[dict[str, Any]], None],
    prepared: Probe | None,
    prepare: Callable[[Callable[[], bool]], None],
) -> NoReturn:
    """Waits until the daemon wants an environment, and is one.

    :param descriptor: of the channel.
    :param become: gives this process what its order says; see zygote.py.
    :param prepared: observes already.
    :param prepare: does what is of use while nobody waits; it is given what tells whether somebody does.
    """
    channel = Channel(descriptor)
    _say_hello(channel, "")
    prepare(lambda: channel.is_readable)
    _work(lambda: of_order(channel, become, prepared))


def of_order(channel: Channel, become: Callable[[dict[str, Any]], None], prepared: Probe | None) -> Worker:
    """Waits for the order that makes this process an environment, and does what it says; see `main_of_fork`."""
    kind, body = channel.receive()
    if kind != wire.START:
        os._exit(wire.EXIT_LOST)
    began_ns = monotonic_ns()
    order = json.loads(body)
    become(order)
    return Worker(channel, order["configuration"], began_ns, prepared)


def _say_hello(channel: Channel, token: str) -> None:
    hello = {
        "protocol": PROTOCOL,
        "token": token,
        "pid": os.getpid(),
        "python": "{}.{}.{}".format(*sys.version_info[:3]),
        "implementation": sys.implementation.name,
        "executable": sys.executable,
        "probe": __version__,
        "monotonicNs": monotonic_ns(),
        "wallNs": time_ns(),
        "descriptorLimit": wire.descriptor_limit(),
    }
    channel.send(wire.HELLO, json.dumps(hello).encode("ascii"))


def _work(worker: Callable[[], Worker]) -> NoReturn:
    try:
        worker().run()
    except SystemExit:
        raise
    except BaseException as error:  # out of a signal handler of the user's, while the worker waits
        raise SystemExit(faults.exit_status(error)) from None


def _loop_version(loop_kind: str) -> Any:
    from .hosts.base import loop_version

    return loop_version(loop_kind)


def _import_watch(config: dict[str, Any]) -> ImportWatch:
    from .imports import ImportWatch

    return ImportWatch(config["handler"], config["root"])


def _movable_clocks() -> Clocks:
    from .clocks import Clocks

    clocks = Clocks()
    clocks.install()
    return clocks


def open_descriptors() -> int:
    try:
        return len(os.listdir("/proc/self/fd")) - 1  # the listing itself needs one
    except OSError:
        return -1


def _modules() -> list[Any]:
    """The modules that may be the user's: all, or those that were not there yet when this process was forked."""
    found: list[Any] = []
    try:
        # From the end: whoever looks at them all touches them all, and each costs a fork a page.
        for name in reversed(sys.modules):
            if name == _LAST_OF_ZYGOTE:
                break
            found.append(sys.modules[name])
    except (KeyError, RuntimeError, TypeError):  # another thread imports something; a dictionary of the user's own
        return list(sys.modules.values())
    return found


def loaded_files(folders: list[str]) -> list[list[Any]]:
    """The user's files that init has loaded, with the time and size by which the daemon sees that one has changed."""
    inside = tuple([os.path.join(folder, "") for folder in folders])
    # A virtual environment beside the handler is watched as a whole, if at all.
    outside = os.path.join(sys.prefix, "")
    outside = outside if outside.startswith(inside) else "\0"
    found: list[list[Any]] = []
    for module in _modules():
        path = getattr(module, "__file__", None)
        if not isinstance(path, str) or not path.startswith(inside) or path.startswith(outside):
            continue
        if len(found) < _MOST_FILES:
            try:
                status = os.stat(path)
            except OSError:
                continue
            found.append([path, status.st_mtime_ns, status.st_size])
    return found


def _flush_output() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass  # the handler may have closed or replaced it
