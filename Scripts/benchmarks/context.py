"""What subjects measure with: the programs, the interpreter, a folder for the run, and how much to do."""

import json
import os
import platform
import shutil
import statistics
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
EVENT = '{"id": 7, "kind": "order", "items": [1, 2, 3], "note": "seventy bytes"}'
USAGE, MISSING, DEFECT, NOT_CREATED = 64, 66, 70, 73  # exit statuses, those of sysexits(3)
PATIENCE = 300  # seconds for any one program
PT_INTERP = 3  # elf(5)


class Unavailable(Exception):
    """Something cannot be measured here; the text says why."""


class Context:
    """The measuring of one subject; `scratch` is a folder of its own, not made yet."""

    def __init__(self, binaries, packages, scratch, options):
        self.binaries, self.packages, self.scratch = binaries, packages, scratch
        self.python = packages.python
        self.version = packages.version  # as (3, 13)
        self.rounds, self.is_quick, self.is_full = options.rounds, options.quick, options.full
        # Copied, because they leave their byte code beside them.
        self.handlers = os.path.join(scratch, "handlers")
        shutil.copytree(os.path.join(HERE, "handlers"), self.handlers)

    def by_version(self, old, new):
        """A goal of CPython 3.11, or the one of 3.13, whose asyncio.run is quicker."""
        return new if self.version >= (3, 13) else old

    def some(self, usual, quick):
        """How many of something to do."""
        return quick if self.is_quick else usual

    def path(self, *names):
        return os.path.join(self.scratch, *names)

    def program(self, name):
        return os.path.join(self.binaries, name)

    def tool(self, *arguments):
        """What a command of loopwarden-bench measures."""
        return answer([self.program("loopwarden-bench"), *map(str, arguments)])

    def floor(self, name, *arguments):
        """What a program of `floors` measures, in the interpreter that runs the handlers."""
        return answer([self.python, "-B", os.path.join(HERE, "floors", name), *map(str, arguments)])


def answer(command):
    """The JSON that a program prints."""
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        raise Unavailable("{} took more than {} s".format(short(command), PATIENCE)) from None
    if ended.returncode != 0:
        said = ended.stderr.strip().splitlines() or ["status {}".format(ended.returncode)]
        raise Unavailable("{}: {}".format(short(command), said[-1]))
    return json.loads(ended.stdout)


def short(command):
    return " ".join([os.path.basename(command[0])] + [os.path.basename(each) for each in command[1:3] if each != "-B"])


def process_times(command, count, at_once=1):
    """Nanoseconds from the start of a command to its end, the median; of several at once to the end of the last."""
    times = []
    null = os.open(os.devnull, os.O_RDWR)
    actions = [(os.POSIX_SPAWN_DUP2, null, number) for number in (0, 1, 2)]
    for _ in range(count):
        begun = time.perf_counter_ns()
        started = [os.posix_spawn(command[0], command, os.environ, file_actions=actions) for _ in range(at_once)]
        failed = [os.waitpid(process, 0)[1] for process in started]
        times.append(time.perf_counter_ns() - begun)
        if any(failed):
            raise Unavailable("{} failed".format(short(command)))
    os.close(null)
    return statistics.median(times)


def machine(python):
    """What the figures depend on besides the program."""
    return {
        "cpus": len(os.sched_getaffinity(0)),
        "cpu": cpu_name(),
        "kernel": platform.release(),
        "memoryBytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "python": ".".join(map(str, python)),
        "load": os.getloadavg()[0],
    }


def is_static(program):
    """Whether it starts without looking up a library: no header of the ELF file names an interpreter for that."""
    with open(program, "rb") as file:
        head = file.read(64)
        (offset,), (size, count) = struct.unpack_from("<Q", head, 32), struct.unpack_from("<HH", head, 54)
        file.seek(offset)
        table = file.read(size * count)
    return all(struct.unpack_from("<I", table, index * size)[0] != PT_INTERP for index in range(count))


def cpu_name():
    with open("/proc/cpuinfo") as file:
        names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    return names[0] if names else platform.machine()


def fail(status, text):
    """Ends the run."""
    say("bench: " + text)
    sys.exit(status)


def say(text):
    """Tells whoever waits what is going on; figures go to standard output."""
    print(text, file=sys.stderr, flush=True)
