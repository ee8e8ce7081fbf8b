"""A cold start: from the request to the answer of a new environment."""

from ..context import EVENT, Unavailable, process_times
from ..daemon import Daemon
from ..peers import ric
from ..rows import MILLISECONDS, TIME, Row, floor, peer
from .subject import Subject

BURST = 64
REST = 50  # milliseconds in which the next fork is made ahead
WAYS = ("spawn", "fork", "pooled")  # fork: when it is asked for; pooled: ahead


class Case:
    """A handler, what is preloaded for it, and what it costs a bare interpreter to start with that."""

    def __init__(self, name, title, file, preload="", needs=None, spawned=None):
        self.name, self.title, self.file, self.preload, self.needs = name, title, file, preload, needs
        self.modules = ",".join(filter(None, ["json,asyncio", preload]))
        self.spawned = spawned or name  # the case that is the same when it is spawned

    def function(self, way):
        manifest = {"file": self.file + ".py", "host": "bare", "start": "spawn" if way == "spawn" else "fork"}
        if way != "spawn":
            manifest.update(preload=self.preload.split(",") if self.preload else [], forkAhead=int(way == "pooled"))
        return manifest


CASES = [
    Case("empty", "empty handler", "run"),
    Case("stdlib", "stdlib-heavy", "stdlib", "ssl,sqlite3"),
    Case("boto3", "boto3", "aws", "boto3", needs="boto3"),
    Case("undeclared", "boto3, not preloaded", "aws", needs="boto3", spawned="boto3"),
    Case("client", "boto3, S3 client at import", "aws_client", "boto3", needs="boto3"),
]


class Cold(Subject):
    name = "cold"
    summary = "a cold start, spawned and forked, of empty, stdlib-heavy and boto3-heavy handlers"

    def __init__(self, bench):
        super().__init__(bench)
        self.at_once = bench.some(BURST, 4)

    def rows(self):
        choose = self.bench.by_version
        # Goals in milliseconds; those of a ratio are goal / floor of baselines.md, section 6.
        goals = {
            ("empty", "fork"): (4.5, 3.2, choose(2.2, 1.8)),
            ("empty", "pooled"): (2, 1.2, choose(1.1, 1.4)),
            ("boto3", "fork"): (6, None, choose(2.6, 2.2)),
            ("boto3", "pooled"): (6, 2.5, choose(1.7, 1.4)),
            ("undeclared", "fork"): (105, None, 100),
            ("client", "fork"): (85, None, 75),
        }
        rows = []
        for case, way in self.pairs():
            goal, stretch, least = goals.get((case.name, way), (None, None, 1))
            # A stretch may lie below the floor that was measured then; no ratio can.
            ratios = goal and goal / least, stretch and max(stretch / least, 1)
            key = "{}.{}".format(case.name, way)
            if way == "spawn":
                beside = [floor("pass", "the interpreter's start, -c pass")]
                beside.append(floor("start." + case.name, "that with the imports and a loop"))
            else:
                kind = "a bare fork, made ahead" if way == "pooled" else "a bare fork that does the same"
                beside = [floor("bare." + key, kind, *ratios)]
                beside.append(peer("pass", "the interpreter's start, -c pass"))
                beside.append(peer(case.spawned + ".spawn", "spawned by Loopwarden"))
            beside.append(peer("ric." + case.spawned, "awslambdaric on the stand-in"))
            scaled = [each and each * MILLISECONDS for each in (goal, stretch)]
            rows.append(Row(key, "{}, {}".format(case.title, way), TIME, *beside, goal=scaled[0], stretch=scaled[1]))
        rows.append(
            Row(
                "burst",
                "{} at once, empty handler, fork".format(self.at_once),
                TIME,
                floor("bare.burst", "as many bare forks", 0.25 / 0.134, 0.15 / 0.134),
                peer("start.burst", "as many interpreters, with a loop", 8),
                goal=250 * MILLISECONDS,
                stretch=150 * MILLISECONDS,
            )
        )
        return rows

    def pairs(self):
        for case in CASES:
            for way in WAYS:
                # What is not preloaded is no case of its own when it is spawned, nor worth to wait for.
                if way == "fork" or case.spawned == case.name:
                    yield case, way

    def is_there(self, case):
        return case.needs not in self.bench.packages.missing

    def prepare(self, stack):
        functions = {"{}-{}".format(case.name, way): case.function(way) for case, way in self.pairs()}
        functions["burst"] = dict(CASES[0].function("fork"), concurrency=self.at_once)
        self.daemon = stack.enter_context(Daemon(self.bench, "cold", functions))
        for case, way in self.pairs():  # byte code and zygotes are there before it counts
            if self.is_there(case):
                self.daemon.load("{}-{}".format(case.name, way), self.bench.some(2, 1), "--cold")
            else:
                key = "{}.{}".format(case.name, way)
                reason = self.bench.packages.missing[case.needs]
                self.miss(reason, key, "bare." + key, "start." + case.name, "ric." + case.name)

    def turn(self):
        count = self.repetitions = self.bench.some(9, 1)
        python = self.bench.python
        yield "pass", process_times([python, "-c", "pass"], count)
        for case in filter(self.is_there, CASES):
            if case.spawned == case.name:
                yield from self.started(case, count)
            for way in [way for other, way in self.pairs() if other is case]:
                yield from self.measured(case, way, count)
        forks = self.bench.floor("fork.py", "json,asyncio", "run", self.bench.handlers, 2, self.at_once)
        yield "bare.burst", forks["p50"]
        yield "start.burst", process_times(self.start_command(CASES[0]), 1, self.at_once)
        burst = self.daemon.load("burst", self.at_once, "--cold", connections=self.at_once)
        yield "burst", burst["seconds"] * 1e9

    def start_command(self, case):
        text = "import sys, json; sys.path.insert(0, {!r}); import {} as h; h.handler(json.loads({!r}), None)"
        return [self.bench.python, "-c", text.format(self.bench.handlers, case.file, EVENT)]

    def started(self, case, count):
        yield "start." + case.name, process_times(self.start_command(case), count)
        try:
            starts = sorted(ric(self.bench, case.file, 1)["cold"] for _ in range(min(count, 5)))
            yield "ric." + case.name, starts[len(starts) // 2]
        except Unavailable as reason:
            self.miss(reason, "ric." + case.name)

    def measured(self, case, way, count):
        key = "{}.{}".format(case.name, way)
        if way != "spawn":
            arguments = [
                case.modules,
                case.file,
                self.bench.handlers,
                count,
                1,
                *(["ahead"] if way == "pooled" else []),
            ]
            yield "bare." + key, self.bench.floor("fork.py", *arguments)["p50"]
        rest = ["--pause", REST] if way == "pooled" else []
        yield key, self.daemon.load("{}-{}".format(case.name, way), count, "--cold", *rest)["p50"]
