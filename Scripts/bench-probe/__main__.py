"""Measures what the probe costs the handler, beside asyncio's debug mode and pyleak on the same work.

    Scripts/bench probe [--python 3.8,3.13] [--loops asyncio,uvloop] [--subjects empty,tasks,callbacks,trips,request]
                        [--rounds N] [--processes N] [--json FILE] [--sources FOLDER] [--variants ...] [--without HOOKS]

How each figure is obtained:

  A process for each variant and subject, all pinned to one CPU, take turns of some 15 ms each, after a warm-up; three
  sets of processes, because where a process happens to lie in memory is worth 1 % by itself. A run is one invocation's
  handler: `asyncio.run(main())`, or for `request` one run of a loop that is kept. Around it, and outside of the
  figure, the journal is opened and drained and the probe's moments are called, in every variant, as a worker does.

  least, median, IQR   microseconds of CPU time (of the process, all threads) of all runs
  wall                 least microseconds of wall time: what pyleak sleeps is in it
  added                microseconds more than bare, least − least: the other work of the machine disturbs it least
  x least, x median    ratio to bare: of the leasts; median over all turns of the turn's median to that of the bare
                       turn just before, with the middle half of these in brackets
  goal                 at most 15 µs added to the empty run, at most 3 % (x least) elsewhere; told, never failed

  probe is the default, deep is `probe: deep` in plugin.yaml, debug is asyncio.run(debug=True), pyleak looks at tasks,
  threads and blocking as its pytest mark does. What deep adds is work for each task (where it was made), for each
  coroutine (where it was called) and for each call_soon (from which thread).

  `worker` is an empty handler in the real worker, from the invocation's frame to the reply's, with the probe and with
  `probe: off`; and what each of the moments that the worker tells the probe of takes, when there is nothing to report.

The interpreters are those that Scripts/pythons finds, each with a virtual environment of its own for this; an entry of
--python may also be a path. The default is the newest one. What pip cannot get is a column that says so.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SOURCES = os.path.join(ROOT, "Sources", "PythonProbe")
SUBJECTS = {
    "empty": "empty asyncio.run",
    "tasks": "1,000 tasks",
    "callbacks": "10,000 call_soon",
    "trips": "30 loopback round trips",
    "request": "aiohttp request, kept loop",
}
VARIANTS = ("bare", "probe", "deep", "debug", "pyleak")
LOOPS = ("asyncio", "uvloop")
NEWEST_FIRST = ("3.14", "3.13", "3.12", "3.11", "3.10", "3.9", "3.8")
GOAL_MICROSECONDS = 15.0
GOAL_RATIO = 1.03
TURN_NANOSECONDS = 15e6
SHORTEST_TURN, LONGEST_TURN = 3, 80  # runs


def main():
    options = parse()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    documents = []
    with tempfile.TemporaryDirectory(prefix="lw-bench-") as scratch:
        options.scratch = scratch
        for name in options.python.split(",") if options.python else [None]:
            for python in interpreters(name):
                documents.append(measured_python(python, options))
    if not documents:
        raise SystemExit("none of these interpreters is on this machine")
    if options.json:
        with open(options.json, "w") as file:
            json.dump({"schema": "loopwarden.bench.probe/1", "pythons": documents}, file, indent=1)


def parse():
    parser = argparse.ArgumentParser(
        prog="bench probe", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--python", help="versions or paths, with commas (default: the newest found)")
    parser.add_argument("--loops", default=",".join(LOOPS))
    parser.add_argument("--subjects", default=",".join([*SUBJECTS, "worker"]))
    parser.add_argument("--variants", default=",".join(VARIANTS), help="compared with bare, which is always measured")
    parser.add_argument("--rounds", type=int, default=10, help="turns of each process (default 10)")
    parser.add_argument("--processes", type=int, default=3, help="sets of processes, one after the other (default 3)")
    parser.add_argument("--json", help="write the figures to this file as well")
    parser.add_argument("--sources", default=SOURCES, help="the folder of another version of loopwarden_probe")
    parser.add_argument("--without", default="", help="hooks to leave out, by name: what does each of them cost?")
    return parser.parse_args()


def interpreters(name):
    """The paths that an entry of --python stands for; None: the newest one found."""
    if name is not None and os.sep in name:
        return [os.path.abspath(name)]
    for version in NEWEST_FIRST if name is None else [name]:
        environment = dict(
            os.environ, PYTHONS=version, VENVS="bench-", REQUIREMENTS="Scripts/bench-probe/requirements.txt"
        )
        lines = subprocess.run(
            [os.path.join(ROOT, "Scripts", "pythons")], env=environment, check=True, stdout=subprocess.PIPE, text=True
        ).stdout.splitlines()
        if lines:
            return [lines[0].split()[1]]
    return []


def measured_python(python, options):
    text = "import platform; print(platform.python_version())"
    version = subprocess.run([python, "-c", text], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    document = {"python": version, "loops": {}}
    for loop in options.loops.split(","):
        print("\nCPython {}, {}".format(version, loop))
        subjects = document["loops"][loop] = {}
        for subject in options.subjects.split(","):
            if subject == "worker":
                subjects[subject] = measured_worker(python, loop, options)
            else:
                subjects[subject] = measured_subject(python, loop, subject, options)
    return document


# -- one subject ------------------------------------------------------------------------------------------------------


class Process:
    """One of the processes that measure (measured.py); `about` is None when it cannot, and `reason` says why."""

    def __init__(self, python, loop, subject, variant, options):
        command = [python, "-B", os.path.join(HERE, "measured.py"), "--variant", variant, "--loop", loop]
        command += ["--subject", subject, "--sources", options.sources, "--scratch", options.scratch]
        environment = dict(os.environ, PYTHONHASHSEED="0")
        self.errors = tempfile.TemporaryFile(mode="w+")
        self.process = subprocess.Popen(
            command + ["--without", options.without],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            env=environment,
            text=True,
        )
        self.about = self.reason = None
        line = self.process.stdout.readline()
        if line:
            ready = json.loads(line)
            self.about = ready["about"]
            self.count = min(max(int(TURN_NANOSECONDS / self.about), SHORTEST_TURN), LONGEST_TURN)
            if ready["off"]:
                self.reason = "off: " + "; ".join(ready["off"])
        else:
            self.errors.seek(0)
            lines = self.errors.read().strip().splitlines()
            self.reason = lines[-1] if lines else "it ended"

    def turn(self):
        self.process.stdin.write("{}\n".format(self.count))
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def end(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()
        self.errors.close()


def measured_subject(python, loop, subject, options):
    wanted = ["bare"] + [each for each in options.variants.split(",") if each != "bare"]
    turns = {variant: [] for variant in wanted}
    reasons = {}
    for _ in range(options.processes):
        processes = {}
        for variant in wanted:
            process = Process(python, loop, subject, variant, options)
            if process.reason:
                reasons[variant] = process.reason
            if process.about is None:
                process.end()
            else:
                processes[variant] = process
        if "bare" in processes:
            for _ in range(options.rounds):
                for variant, process in processes.items():
                    turns[variant].append(process.turn())
        for process in processes.values():
            process.end()
    rows = {}
    for variant in wanted:
        if turns[variant] and turns["bare"]:
            rows[variant] = row(subject, turns[variant], turns["bare"])
        if variant in reasons:
            rows.setdefault(variant, {})["reason"] = reasons[variant]
    show(SUBJECTS[subject], rows)
    return rows


def row(subject, turns, bare_turns):
    """The figures of a variant, in microseconds, from turns that were taken beside those of the bare one."""
    cpu = sorted(time / 1000 for turn in turns for time in turn["cpu"])
    bare_least = min(time / 1000 for turn in bare_turns for time in turn["cpu"])
    ratios = [statistics.median(turn["cpu"]) / statistics.median(bare["cpu"]) for turn, bare in zip(turns, bare_turns)]
    low, _, high = statistics.quantiles(cpu, n=4)
    ratio_low, ratio, ratio_high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
    figures = {
        "runs": len(cpu),
        "least": cpu[0],
        "median": statistics.median(cpu),
        "quartiles": [low, high],
        "wall": min(time / 1000 for turn in turns for time in turn["wall"]),
        "added": cpu[0] - bare_least,
        "ratioOfLeast": cpu[0] / bare_least,
        "ratioOfMedian": ratio,
        "ratioQuartiles": [ratio_low, ratio_high],
    }
    if turns is not bare_turns:
        is_empty = subject == "empty"
        figures["goal"] = GOAL_MICROSECONDS if is_empty else GOAL_RATIO
        figures["isMet"] = figures["added"] <= GOAL_MICROSECONDS if is_empty else cpu[0] / bare_least <= GOAL_RATIO
    return {name: round(each, 4) if type(each) is float else each for name, each in figures.items()}


def show(title, rows):
    heads = ("least µs", "median", "IQR", "wall", "added", "x least", "x median")
    print("\n  {:26} {:>9} {:>9} {:>19} {:>9} {:>9} {:>8}  {}".format(title, *heads))
    for variant, figures in rows.items():
        if "least" not in figures:
            print("    {:24} {}".format(variant, figures["reason"]))
            continue
        line = "    {:24} {:9.1f} {:9.1f} {:>19} {:9.1f}".format(
            variant,
            figures["least"],
            figures["median"],
            "{:.1f}-{:.1f}".format(*figures["quartiles"]),
            figures["wall"],
        )
        if variant != "bare":
            line += " {:9.1f} {:8.3f}  {:.3f} [{:.3f}-{:.3f}]".format(
                figures["added"], figures["ratioOfLeast"], figures["ratioOfMedian"], *figures["ratioQuartiles"]
            )
        if variant == "probe":
            goal = figures["goal"]
            line += "   goal {}: {}".format(
                "15 µs" if goal == GOAL_MICROSECONDS else "x 1.03", "met" if figures["isMet"] else "MISSED"
            )
        if "reason" in figures:
            line += "   " + figures["reason"]
        print(line)
    sys.stdout.flush()


# -- the worker -------------------------------------------------------------------------------------------------------


def measured_worker(python, loop, options):
    command = [python, "-B", os.path.join(HERE, "worker.py"), "--loop", loop]
    command += ["--rounds", str(options.rounds * options.processes)]
    ended = subprocess.run(command, capture_output=True, text=True)
    if ended.returncode:
        lines = ended.stderr.strip().splitlines()
        figures = {"reason": lines[-1] if lines else "status {}".format(ended.returncode)}
        print("\n  {:26} {}".format("worker", figures["reason"]))
        return figures
    figures = json.loads(ended.stdout)
    shape = "    {:24} {:9.1f} {:9.1f}{}"
    print("\n  {:26} {:>9} {:>9}".format("worker, empty handler", "least µs", "median"))
    for host, handler in (("per-invocation", "async def"), ("bare", "def")):
        off, on = figures[host]["off"], figures[host]["on"]
        print(shape.format("{}, {}, off".format(host, handler), off["least"], off["median"], ""))
        added = "   added {:.1f}".format(on["least"] - off["least"])
        print(shape.format("{}, {}, on".format(host, handler), on["least"], on["median"], added))
    for name, each in figures["moments"].items():
        print("    {:24} {:9.2f} {:9.2f}".format("Probe.{}()".format(name), each["least"], each["median"]))
    sys.stdout.flush()
    return figures


if __name__ == "__main__":
    main()
