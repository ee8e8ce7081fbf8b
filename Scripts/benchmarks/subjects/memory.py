"""What the daemon and its environments hold."""

import statistics
import subprocess
import threading

from ..context import Unavailable
from ..daemon import Daemon
from ..peers import Ric
from ..rows import MEMORY, MIB, Row, floor, peer
from .subject import Subject

RUNS = 50  # invocations of each environment
MODULES = "asyncio, http.server, json, logging, sqlite3, subprocess"
KINDS = {
    "spawn": ("run", "json,asyncio", "spawn", None),
    "fork": ("run", "json,asyncio", "fork", None),
    "boto3": ("aws", "json,asyncio,boto3", "fork", "boto3"),
}


class Memory(Subject):
    name = "memory"
    summary = "the daemon, idle and under load, and a warm environment"
    most_rounds = 3

    def __init__(self, bench):
        super().__init__(bench)
        self.at_once = bench.some(8, 2)

    def rows(self):
        served = "{:,}".format(self.served())
        for what in ("rss", "pss"):
            idle = "daemon.idle." + what
            python = peer("python." + what, "a Python with a daemon's modules")
            yield Row(idle, "the daemon, idle, {}".format(what.upper()), MEMORY, python)
            title = "after {} invocations, {}".format(served, what.upper())
            yield Row("daemon.served." + what, title, MEMORY, floor(idle, "the daemon, idle"))
            title = "under {} connections, most, {}".format(self.at_once, what.upper())
            yield Row("daemon.load." + what, title, MEMORY, floor(idle, "the daemon, idle"))
        goals = {"fork": (6, 4.5), "boto3": (8, 6.5)}
        titles = {"spawn": "spawned", "fork": "forked", "boto3": "forked, boto3"}
        for kind, title in titles.items():
            goal, stretch = (each * MIB for each in goals.get(kind, (0, 0)))
            yield Row(
                "environment." + kind,
                "an environment of {}, {}, PSS".format(self.at_once, title),
                MEMORY,
                floor("bare." + kind, "as many bare {}".format("interpreters" if kind == "spawn" else "forks")),
                peer("ric." + ("boto3" if kind == "boto3" else "run"), "as many awslambdaric"),
                goal=goal or None,
                stretch=stretch or None,
            )

    def served(self):
        return self.bench.some(10_000, 200)

    def turn(self):
        self.repetitions = self.at_once
        yield from named("python", self.interpreter())
        yield from self.daemon()
        for kind, (handler, modules, way, needs) in KINDS.items():
            if needs in self.bench.packages.missing:
                self.miss(self.bench.packages.missing[needs], "environment." + kind, "bare." + kind, "ric.boto3")
                continue
            floor_of = self.bench.floor("memory.py", modules, handler, self.bench.handlers, self.at_once, way)
            yield "bare." + kind, floor_of["pss"]
            yield "environment." + kind, self.environment(kind, handler, way, needs)
            if way == "fork":
                key = "ric." + ("boto3" if kind == "boto3" else "run")
                try:
                    with Ric(self.bench, handler, RUNS * self.at_once, workers=self.at_once) as peers:
                        yield key, statistics.median(held(process.pid)["pss"] for process in peers.processes)
                except Unavailable as reason:
                    self.miss(reason, key)

    def interpreter(self):
        """One that has imported what a daemon of Python would, and waits."""
        command = [self.bench.python, "-c", "import {}; print(1, flush=True); input()".format(MODULES)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            figures = held(process.pid)
            process.communicate(b"\n")
        return figures

    def daemon(self):
        functions = {"async": {"file": "coroutine.py", "concurrency": self.at_once}}
        with Daemon(self.bench, "memory-daemon", functions, is_thrown_away=True) as daemon:
            process = daemon.process.pid
            daemon.load("async", 10)
            yield from named("daemon.idle", held(process))
            daemon.load("async", self.served())
            yield from named("daemon.served", held(process))
            samples, over = [], threading.Event()

            def watch():
                while not over.wait(0.05):
                    samples.append(held(process))

            watcher = threading.Thread(target=watch)
            watcher.start()
            try:
                daemon.load("async", self.bench.some(4_000, 200), connections=self.at_once)
            finally:
                over.set()
                watcher.join()
            samples.append(held(process))
            for what in ("rss", "pss"):
                yield "daemon.load." + what, max(sample[what] for sample in samples)

    def environment(self, kind, handler, way, needs):
        manifest = {"file": handler + ".py", "host": "bare", "start": way, "concurrency": self.at_once}
        if needs:
            manifest["preload"] = [needs]
        with Daemon(self.bench, "memory-" + kind, {kind: manifest}, is_thrown_away=True) as daemon:
            daemon.load(kind, 1)
            # All at once, so that each connection has an environment of its own.
            daemon.load(kind, RUNS * self.at_once, connections=self.at_once, warm_up=2)
            processes = [each["processID"] for each in daemon.status()["environments"] if not each["endedAt"]]
            return statistics.median(held(process)["pss"] for process in processes)


def held(process):
    """RSS and PSS in bytes."""
    with open("/proc/{}/smaps_rollup".format(process)) as file:
        lines = dict(line.split(":") for line in file if line.startswith(("Rss:", "Pss:")))
    return {name.lower(): int(value.split()[0]) << 10 for name, value in lines.items()}


def named(key, figures):
    for what, figure in figures.items():
        yield "{}.{}".format(key, what), figure
