"""What the probe costs: microseconds per empty asyncio.run, in turn with and without it, in one process.

usage: PYTHON Scripts/bench-probe.py [--uvloop] [--rounds N]      one JSON line; pin it to a CPU with taskset
"""

import argparse
import asyncio
import gc
import json
import os
import sys
import time

SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "Sources", "PythonProbe")
sys.path.insert(0, os.path.abspath(SOURCES))

from loopwarden_probe import Probe  # noqa: E402

RUNS = 200  # of one measurement


async def nothing():
    """Does nothing."""


def microseconds(run):
    """The mean of one run, over RUNS of them."""
    began = time.perf_counter_ns()
    for _ in range(RUNS):
        run(nothing())
    return (time.perf_counter_ns() - began) / RUNS / 1000


def main():
    """Prints the best of all rounds, which is what the machine's other work disturbs least."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--uvloop", action="store_true", help="run on uvloop")
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    probe = Probe(root=os.path.dirname(os.path.abspath(__file__)))
    run = asyncio.run
    probe.install()  # before uvloop is imported, as in a worker
    if options.uvloop:
        import uvloop

        run = uvloop.run
    gc.disable()
    without, watched = [], []
    for _ in range(options.rounds):
        probe.uninstall()
        without.append(microseconds(run))
        probe.install()
        watched.append(microseconds(run))
        probe.journal.sent(probe.journal.block())
        gc.collect()
    bare, probed = min(without), min(watched)
    figures = {"bare": round(bare, 1), "probed": round(probed, 1), "added": round(probed - bare, 1)}
    sys.stdout.write(json.dumps(dict(figures, ratio=round(probed / bare, 2), python=sys.version.split()[0])) + "\n")


if __name__ == "__main__":
    main()
