"""What the probe costs: microseconds per empty asyncio.run.

Two processes run on one CPU by turns, one with the probe's hooks and one without; both open, close and drain the
journal around each run, as a worker does around each invocation. The best of many runs is told, which is what the
machine's other work disturbs least.

usage: PYTHON Scripts/bench-probe.py [--uvloop] [--rounds N] [--sources FOLDER]      prints one JSON line

`--sources` measures another version of the probe, such as one unpacked by `git archive`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "Sources", "PythonProbe")
WARM_UP = 500  # runs, until the interpreter has specialised its code and the probe knows the line
RUNS = 60  # of one turn


def serve(options):
    """A process that measures: for each line on stdin it runs a turn and prints the best run's nanoseconds."""
    sys.path.insert(0, os.path.abspath(options.sources))
    from loopwarden_probe import Journal, Probe, facts

    with tempfile.NamedTemporaryFile() as file:
        file.truncate(4 << 20)
        journal = Journal.open(file.name)
    if options.serve == "probed":
        Probe(journal, root=os.path.dirname(os.path.abspath(__file__))).install()  # before uvloop, as in a worker
    import asyncio

    run = asyncio.run
    if options.uvloop:
        import uvloop

        run = uvloop.run

    async def nothing():
        """Does nothing."""

    def turn(count):
        best = 1 << 60
        for ordinal in range(count):
            journal.enter_phase(facts.INVOCATION, ordinal)
            began = time.perf_counter_ns()
            run(nothing())
            best = min(best, time.perf_counter_ns() - began)
            journal.leave_phase()
            journal.sent(journal.block())
        return best

    turn(WARM_UP)
    for _ in sys.stdin:
        sys.stdout.write("{}\n".format(turn(RUNS)))
        sys.stdout.flush()


class Measured:
    """One of the processes."""

    def __init__(self, options, name):
        command = [sys.executable, os.path.abspath(__file__), "--serve", name, "--sources", options.sources]
        self._process = subprocess.Popen(
            command + (["--uvloop"] if options.uvloop else []), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.best = float("inf")

    def turn(self):
        self._process.stdin.write(b"\n")
        self._process.stdin.flush()
        self.best = min(self.best, int(self._process.stdout.readline()) / 1000)

    def end(self):
        self._process.stdin.close()
        self._process.wait()


def main():
    """Measures, or is one of the measured processes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--uvloop", action="store_true", help="run on uvloop")
    parser.add_argument("--rounds", type=int, default=60, help="turns of each process")
    parser.add_argument("--sources", default=SOURCES, help="the folder that holds loopwarden_probe")
    parser.add_argument("--serve", choices=("bare", "probed"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options)
        return
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    bare, probed = Measured(options, "bare"), Measured(options, "probed")
    for _ in range(options.rounds):
        bare.turn()
        probed.turn()
    bare.end()
    probed.end()
    figures = {
        "python": sys.version.split()[0],
        "loop": "uvloop" if options.uvloop else "asyncio",
        "bare": round(bare.best, 1),
        "probed": round(probed.best, 1),
        "added": round(probed.best - bare.best, 1),
        "ratio": round(probed.best / bare.best, 2),
    }
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
