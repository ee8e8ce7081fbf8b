"""Measures an invocation of an empty handler in the real worker, with and without the probe, and the probe's part.

Prints one JSON document. The daemon's side is that of the probe's own tests.

  on, off   from the invocation's frame to the reply's, by turns in two workers
  waking, returned, ended   what the worker calls in the probe for each invocation, when there is nothing to report
"""

import argparse
import json
import os
import statistics
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.join(HERE, os.pardir, os.pardir, "Tests", "PythonProbeTests")
HANDLERS = {
    "per-invocation": "async def handler(event, context):\n    return None\n",
    "bare": "def handler(event, context):\n    return None\n",
}
WARM_UP = 300
TURN = 50


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--loop", required=True)
    parser.add_argument("--rounds", type=int, required=True)
    options = parser.parse_args()
    sys.dont_write_bytecode = True
    sys.path.insert(0, TESTS)
    figures = {host: round_trips(host, options) for host in HANDLERS}
    figures["moments"] = moments(options)
    sys.stdout.write(json.dumps(figures) + "\n")


def round_trips(host, options):
    """Least and median microseconds of an invocation, probe on and off."""
    from fake_daemon import READY, FakeDaemon

    workers = {}
    for name in ("off", "on"):
        worker = workers[name] = FakeDaemon(
            HANDLERS[host], host=host, loop=options.loop, probe={"enabled": name == "on", "deep": False}
        )
        if worker.start() != READY:
            raise SystemExit(worker.init_error)
    times = {"off": [], "on": []}
    try:
        for count in [WARM_UP] + [TURN] * options.rounds:
            for name, worker in workers.items():
                turn = times[name] if count == TURN else []
                for _ in range(count):
                    began = time.perf_counter_ns()
                    worker.invoke(None)
                    turn.append(time.perf_counter_ns() - began)
    finally:
        for worker in workers.values():
            worker.close()
    return {name: summary(each) for name, each in times.items()}


def moments(options):
    """Microseconds that each of the probe's moments takes, around an empty handler in the host that makes loops."""
    from watching import SOURCES

    sys.path.insert(0, SOURCES)
    from loopwarden_probe import Journal, Probe, facts
    from loopwarden_worker.handlers import Handler
    from loopwarden_worker.hosts import host_named

    journal = Journal()
    probe = Probe(journal, hosts=[os.path.join(SOURCES, "loopwarden_worker")])
    probe.install()
    host = host_named("per-invocation")(options.loop, probe.loops)
    host.prepare()

    async def nothing(event, context):
        pass

    handler = Handler(nothing, True)
    clock = time.perf_counter_ns
    times = {"waking": [], "returned": [], "ended": []}
    for ordinal in range(WARM_UP + TURN * options.rounds):
        journal.enter_phase(facts.INVOCATION, ordinal)
        points = [clock()]
        probe.waking()
        points.append(clock())
        host.call(handler, None, None)
        points.append(clock())
        probe.returned()
        points.append(clock())
        host.tidy()
        points.append(clock())
        probe.ended()
        points.append(clock())
        journal.leave_phase()
        journal.sent(journal.block())
        if ordinal >= WARM_UP:
            times["waking"].append(points[1] - points[0])
            times["returned"].append(points[3] - points[2])
            times["ended"].append(points[5] - points[4])
    return {name: summary(each) for name, each in times.items()}


def summary(times):
    return {"least": min(times) / 1000, "median": statistics.median(times) / 1000}


if __name__ == "__main__":
    main()
