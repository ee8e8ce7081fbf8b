"""A warm invocation: one after another over a kept connection, with recording on."""

from ..context import EVENT, Unavailable
from ..daemon import Daemon
from ..echo import Echo
from ..peers import ric
from ..rows import MICROSECONDS, TIME, Row, floor, peer
from .subject import Subject

# What is measured → the kind of floor, and the handler of awslambdaric, which runs no `async def`.
KINDS = {"sync": ("sync", "sync"), "async": ("loop", "run"), "run": ("loop", "run")}
FUNCTIONS = {
    "sync": {"file": "sync.py", "host": "bare"},
    "async": {"file": "coroutine.py", "host": "per-invocation"},
    "run": {"file": "run.py", "host": "bare"},
}


class Warm(Subject):
    name = "warm"
    summary = "a warm invocation, one after another over one connection: p50 and p99"

    def rows(self):
        choose = self.bench.by_version
        # Ratios to the sockets are goal / floor of baselines.md, section 6; the stretch is that of one CPU.
        return [
            self.row("sync", "sync handler", "p50", 80, 45, 80 / 31, 45 / 16),
            self.row("sync", "sync handler", "p99"),
            self.row(
                "async",
                "async handler, fresh loop",
                "p50",
                choose(270, 220),
                choose(200, 140),
                choose(270 / 210, 220 / 165),
                choose(200 / 150, 140 / 98),
            ),
            self.row("async", "async handler, fresh loop", "p99", 600, 450, 600 / 330),
            self.row("run", "asyncio.run in a def, bare host", "p50"),
        ]

    def row(self, kind, title, rank, goal=None, stretch=None, ratio=None, one_cpu=None):
        bare = "the bare loop: asyncio.run(handler())" if KINDS[kind][0] == "loop" else "the bare call, with JSON"
        socket = "a socket, JSON and asyncio.run" if KINDS[kind][0] == "loop" else "a socket and JSON"
        key = "{}.{}".format(kind, rank)
        beside = [floor("bare." + key, bare), floor("socket." + key, socket, ratio)]
        if rank == "p50":
            beside.append(floor("one." + key, "the same on one CPU", stretch=one_cpu))
        return Row(
            key,
            "{}, {}".format(title, rank),
            TIME,
            *beside,
            peer("ric." + key, "awslambdaric on the stand-in"),
            goal=goal and goal * MICROSECONDS,
            stretch=stretch and stretch * MICROSECONDS,
        )

    def prepare(self, stack):
        self.daemon = stack.enter_context(Daemon(self.bench, "warm", FUNCTIONS))
        self.echo = {kind: stack.enter_context(Echo(self.bench, kind)) for kind in ("sync", "loop")}
        for function in FUNCTIONS:
            self.daemon.load(function, self.bench.some(300, 20))

    def turn(self):
        count = self.repetitions = self.bench.some(2000, 60)
        warm_up = self.bench.some(200, 10)
        for kind, (work, handler) in KINDS.items():
            yield from ranks("bare." + kind, self.bench.floor("loop.py", work, count, EVENT))
            yield from ranks("socket." + kind, self.echo[work].load(count, warm_up=warm_up))
            yield from ranks("one." + kind, self.echo[work].load(count, warm_up=warm_up, is_on_one_cpu=True))
            try:
                yield from ranks("ric." + kind, ric(self.bench, handler, count, warm_up=warm_up))
            except Unavailable as reason:
                self.miss(reason, "ric.{}.p50".format(kind), "ric.{}.p99".format(kind))
            yield from ranks(kind, self.daemon.load(kind, count, warm_up=warm_up))


def ranks(key, figures):
    for rank in ("p50", "p99"):
        yield "{}.{}".format(key, rank), figures[rank]
