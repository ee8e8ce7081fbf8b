"""Warm invocations at once: how many a second, over 1, 2 and 8 connections."""

from ..context import Unavailable
from ..daemon import Daemon
from ..echo import Echo
from ..peers import ric
from ..rows import COUNT, RATE, RATIO, Row, floor, peer
from .subject import Subject

CONNECTIONS = (1, 2, 8)


class Throughput(Subject):
    name = "throughput"
    summary = "warm invocations a second of an async handler, over 1, 2 and 8 connections"

    def rows(self):
        choose = self.bench.by_version
        goals = {2: (choose(5500, 7500), choose(6500, 8500))}
        ratios = {2: (choose(8700 / 5500, 11900 / 7500), choose(8700 / 6500, 11900 / 8500))}
        rows = [self.row(number, *goals.get(number, (None, None)), *ratios.get(number, ())) for number in CONNECTIONS]
        rows.append(Row("loss", "8 connections to 2", RATIO, goal=1.0, stretch=1.0, is_more_better=True))
        rows.append(Row("errors", "invocations that failed", COUNT, goal=0, stretch=0))
        return rows

    def row(self, number, goal, stretch, ratio=None, ratio_stretch=None):
        return Row(
            "async.{}".format(number),
            "async handler, {} connection{}".format(number, "s" if number > 1 else ""),
            RATE,
            floor("socket.{}".format(number), "as many sockets, JSON and asyncio.run", ratio, ratio_stretch),
            peer("ric.{}".format(number), "as many awslambdaric on the stand-in"),
            goal=goal,
            stretch=stretch,
            is_more_better=True,
        )

    def prepare(self, stack):
        function = {"file": "coroutine.py", "host": "per-invocation", "concurrency": max(CONNECTIONS)}
        self.daemon = stack.enter_context(Daemon(self.bench, "throughput", {"async": function}))
        self.echo = stack.enter_context(Echo(self.bench, "loop", workers=max(CONNECTIONS)))

    def turn(self):
        count = self.repetitions = self.bench.some(4000, 80)
        warm_up = self.bench.some(50, 5)
        rates, errors = {}, 0
        for number in CONNECTIONS:
            yield "socket.{}".format(number), self.echo.load(count, number, warm_up=warm_up)["perSecond"]
            try:
                peers = ric(self.bench, "run", count, warm_up=warm_up, workers=number)
                yield "ric.{}".format(number), peers["perSecond"]
            except Unavailable as reason:
                self.miss(reason, "ric.{}".format(number))
            figures = self.daemon.load("async", count, connections=number, warm_up=warm_up, may_fail=True)
            errors += figures["errors"]
            rates[number] = figures["perSecond"]
            yield "async.{}".format(number), rates[number]
        yield "loss", rates[8] / rates[2]
        yield "errors", errors
