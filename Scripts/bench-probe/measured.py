"""A process that measures one subject in one variant, on the interpreter that runs it.

It writes a line when it is ready, and for each line on its standard input, which says how many, it runs a turn and
writes the nanoseconds of each run, of CPU time and of wall time, as one line of JSON.
"""

import argparse
import json
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
WARM_UP = 400  # runs, until the interpreter has specialised its code and the probe knows the line
WARM_UP_SECONDS = 0.4


class Measured:
    """The subject, with what a worker does around an invocation."""

    def __init__(self, options):
        sys.path.insert(0, os.path.abspath(options.sources))
        from loopwarden_probe import Journal, Probe, facts

        self.invocation = facts.INVOCATION
        self.ordinal = 0
        # In a file, as a worker's; its name is not needed once it is mapped.
        path = os.path.join(options.scratch, "journal-{}".format(os.getpid()))
        with open(path, "wb") as file:
            file.truncate(4 << 20)
        self.journal = Journal.open(path)
        os.unlink(path)
        self.probe = Probe(self.journal, root=HERE, is_deep=options.variant == "deep")
        without = options.without.split(",")
        self.probe.hooks = [hook for hook in self.probe.hooks if hook.name not in without]
        if options.variant in ("probe", "deep"):
            self.probe.install()  # before asyncio and uvloop are imported, as in a worker
        self.run_once = self.subject(options)

    def subject(self, options):
        import asyncio

        from subjects import SUBJECTS

        run, new_loop = asyncio.run, asyncio.new_event_loop
        if options.loop == "uvloop":
            import uvloop

            run, new_loop = uvloop.run, uvloop.new_event_loop
        watch = no_watch
        if options.variant == "pyleak":
            watch = pyleak_watch()
        elif options.variant == "debug":
            run, new_loop = in_debug_mode(run, new_loop)
        return SUBJECTS[options.subject](run, new_loop, watch)

    def turn(self, count, until=float("inf")):
        """Runs `count` times, or until some moment; the nanoseconds of each, of CPU and of wall time."""
        run_once, probe, journal = self.run_once, self.probe, self.journal
        cpu_clock, clock = time.process_time_ns, time.perf_counter_ns
        cpu, wall = [], []
        while len(cpu) < count and time.monotonic() < until:
            journal.enter_phase(self.invocation, self.ordinal)
            self.ordinal += 1
            if probe.is_installed:
                probe.waking()
            began, cpu_began = clock(), cpu_clock()
            run_once()
            cpu_ended, ended = cpu_clock(), clock()
            if probe.is_installed:
                probe.returned()
                probe.ended()
            journal.leave_phase()
            journal.sent(journal.block())
            cpu.append(cpu_ended - cpu_began)
            wall.append(ended - began)
        return {"cpu": cpu, "wall": wall}


def no_watch(coroutine):
    return coroutine


def pyleak_watch():
    """What pyleak looks at by default, in a form that tells and does not raise."""
    from pyleak.combined import CombinedLeakDetector, PyLeakConfig

    config = PyLeakConfig(task_action="log", thread_action="log", blocking_action="log")

    async def watched(coroutine):
        async with CombinedLeakDetector(config, True):
            return await coroutine

    return watched


def in_debug_mode(run, new_loop):
    def new_debug_loop():
        loop = new_loop()
        loop.set_debug(True)
        return loop

    return lambda coroutine: run(coroutine, debug=True), new_debug_loop


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("variant", "loop", "subject", "sources", "scratch"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--without", default="", help="hooks to leave out, by name")
    options = parser.parse_args()
    measured = Measured(options)
    measured.turn(WARM_UP, until=time.monotonic() + WARM_UP_SECONDS)
    warm = measured.turn(5)
    off = ["{}: {}".format(*row) for row in measured.probe.disabled]
    answer({"about": sorted(warm["wall"])[2], "off": off})
    for line in sys.stdin:
        answer(measured.turn(int(line)))


def answer(document):
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
    os._exit(0)  # kept loops and servers need no farewell
