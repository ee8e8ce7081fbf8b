"""What watching adds to an invocation, in the worker itself."""

import os

from ..context import EVENT, ROOT, answer
from ..rows import MICROSECONDS, TIME, Row, floor, peer
from .subject import Subject


class Watching(Subject):
    name = "watching"
    summary = "what the probe adds to an empty invocation; `Scripts/bench probe` says more"

    def rows(self):
        titles = {"per-invocation": "an async handler, fresh loop", "bare": "a sync handler"}
        for host, title in titles.items():
            if host == "bare":
                yield Row("added." + host, title, TIME, peer("call", "the bare call itself, with JSON"))
                continue
            beside = floor("noted", "a loop's class that notes its life"), peer("debug", "asyncio's debug mode")
            goals = {"goal": 6 * MICROSECONDS, "stretch": 4 * MICROSECONDS}
            yield Row("added." + host, title, TIME, *beside, **goals)

    def turn(self):
        rounds = self.bench.some(20, 1)
        self.repetitions = rounds * 50
        least = self.bench.floor("watched.py", rounds)
        yield "noted", least["noted"]
        yield "debug", least["debug"]
        yield "call", self.bench.floor("loop.py", "sync", self.repetitions, EVENT)["p50"]
        worker = os.path.join(ROOT, "Scripts", "bench-probe", "worker.py")
        figures = answer([self.bench.python, "-B", worker, "--loop", "asyncio", "--rounds", str(rounds)])
        for host in ("per-invocation", "bare"):
            added = figures[host]["on"]["least"] - figures[host]["off"]["least"]
            yield "added." + host, max(added, 0) * MICROSECONDS
