"""Environments that are begun and ended: every invocation asks for a new one, and there is room for two."""

from ..context import EVENT, process_times
from ..daemon import Daemon
from ..rows import RATE, Row, floor, peer
from .subject import Subject

AT_ONCE = 2


class Churn(Subject):
    name = "churn"
    summary = "environments begun and ended a second, two at once"

    def rows(self):
        yield Row(
            "fork",
            "forked",
            RATE,
            floor("bare.fork", "bare forks that do the same"),
            peer("bare.spawn", "bare interpreters that do the same"),
            peer("spawn", "spawned by Loopwarden"),
            is_more_better=True,
        )
        yield Row(
            "spawn", "spawned", RATE, floor("bare.spawn", "bare interpreters that do the same"), is_more_better=True
        )

    def prepare(self, stack):
        functions = {way: {"file": "run.py", "host": "bare", "start": way, "concurrency": AT_ONCE} for way in WAYS}
        self.daemon = stack.enter_context(Daemon(self.bench, "churn", functions))

    def turn(self):
        self.repetitions = self.bench.some(200, 6)
        handlers = self.bench.handlers
        forks = self.bench.floor("fork.py", "json,asyncio", "run", handlers, self.repetitions // AT_ONCE, AT_ONCE)
        yield "bare.fork", AT_ONCE / forks["p50"] * 1e9
        text = "import sys, json; sys.path.insert(0, {!r}); import run; run.handler(json.loads({!r}), None)"
        command = [self.bench.python, "-c", text.format(handlers, EVENT)]
        yield "bare.spawn", AT_ONCE / process_times(command, self.bench.some(20, 2), AT_ONCE) * 1e9
        for way in WAYS:
            count = self.repetitions if way == "fork" else max(self.repetitions // 5, AT_ONCE)
            figures = self.daemon.load(way, count, "--cold", connections=AT_ONCE, warm_up=self.bench.some(3, 1))
            yield way, figures["perSecond"]


WAYS = ("spawn", "fork")
