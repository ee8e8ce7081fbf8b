"""Chooses, measures and prints."""

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import time

from .context import DEFECT, MISSING, NOT_CREATED, ROOT, USAGE, Context, Unavailable, fail, is_static, machine, say
from .packages import Packages
from .subjects import ALL_SUBJECTS
from .table import ending, heading, table

SCHEMA = "loopwarden.bench/1"
DESCRIPTION = """\
Measures Loopwarden beside floors, which nothing can beat, and peers, in one run, and prints ratios.

Every figure and what stands beside it are measured in turns, round after round; shown are the median, the least and the
greatest of the rounds. Goals are told and never failed. Config/bench/README.md says how each figure is obtained.

subjects:
{}

Scripts/bench probe [...]   what the probe costs a handler; see `Scripts/bench probe --help`
Scripts/bench check [...]   how long `loopwarden check` takes; see `Scripts/bench check --help`
"""


def main():
    options = parse()
    if options.list:
        print(listing(""))
        return 0
    binaries = os.path.abspath(options.binary_folder) if options.binary_folder else build()
    for name in ("loopwarden", "loopwarden-bench"):
        if not os.access(os.path.join(binaries, name), os.X_OK):
            fail(MISSING, "there is no program {} in {}".format(name, binaries))
    packages = Packages(options.python)
    scratch = tempfile.mkdtemp(prefix="lwb-")  # short: sockets are in it
    document = {
        "schema": SCHEMA,
        "isQuick": options.quick,
        "machine": machine(packages.full_version),
        "program": {"isStatic": is_static(os.path.join(binaries, "loopwarden"))},
        "subjects": [],
    }
    write(document, options.json)
    print(heading(packages.version))
    try:
        for kind in options.subjects:
            document["subjects"].append(
                measured(kind, Context(binaries, packages, os.path.join(scratch, kind.name), options))
            )
            print("\n" + "\n".join(table(document["subjects"][-1])), flush=True)
            write(document, options.json)  # now: the next may take long, or be interrupted
    except KeyboardInterrupt:
        return 130
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    print("\n" + "\n".join(ending(document)))
    return 0


def write(document, path):
    if path:
        try:
            with open(path, "w") as file:
                json.dump(document, file, indent=1)
                file.write("\n")
        except OSError as error:
            fail(NOT_CREATED, "{} cannot be written: {}".format(path, error.strerror))


def parse():
    parser = Parser(
        prog="bench",
        description=DESCRIPTION.format(listing("  ")),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help="what to measure (default: everything)")
    parser.add_argument("--rounds", type=at_least_one, help="repetitions, in turns (default 5; with --quick 1)")
    parser.add_argument("--quick", action="store_true", help="as little as possible: whether it works, not how fast")
    parser.add_argument("--full", action="store_true", help="also what takes minutes: reports of 10 million events")
    parser.add_argument("--json", metavar="FILE", help="write the figures to this file as well")
    parser.add_argument("--python", default="python3", metavar="PATH", help="the interpreter (default python3)")
    parser.add_argument(
        "--binary-folder", metavar="DIR", help="with loopwarden and loopwarden-bench (default: built as for install)"
    )
    parser.add_argument("--list", action="store_true", help="list the subjects")
    options = parser.parse_args()
    named = {kind.name: kind for kind in ALL_SUBJECTS}
    for name in options.subjects:
        if name not in named:
            fail(USAGE, "there is no subject {}; known are: {}".format(name, ", ".join(named)))
    options.subjects = [named[name] for name in options.subjects] or list(ALL_SUBJECTS)
    options.rounds = options.rounds or (1 if options.quick else 5)
    return options


class Parser(argparse.ArgumentParser):
    def error(self, message):
        fail(USAGE, message + "; see Scripts/bench --help")


def at_least_one(text):
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError("{} is not a number from 1 on".format(text))
    return int(text)


def listing(indent):
    return "\n".join("{}{:12} {}".format(indent, kind.name, kind.summary) for kind in ALL_SUBJECTS)


def build():
    say("building for release, as Scripts/install does ...")
    command = [os.path.join(ROOT, "Scripts", "build"), "loopwarden", "loopwarden-bench"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        fail(DEFECT, "the build failed")
    return done.stdout.strip()


def measured(kind, bench):
    """The document of one subject."""
    begun = time.monotonic()
    subject, rounds = kind(bench), []
    with contextlib.ExitStack() as stack:
        try:
            subject.prepare(stack)
            for number in range(min(bench.rounds, kind.most_rounds)):
                say("{}: round {} ...".format(kind.name, number + 1))
                rounds.append(dict(subject.turn()))
        except Unavailable as reason:
            # What is ours must be measurable; what is others' is told by the subject, figure by figure.
            fail(DEFECT, "{}: {}".format(kind.name, reason))
    return {
        "name": kind.name,
        "summary": kind.summary,
        "rounds": len(rounds),
        "repetitions": subject.repetitions,
        "seconds": time.monotonic() - begun,
        "rows": [row.measured(rounds, subject.missing) for row in subject.rows()],
    }
