"""Reports of a large history, idle and while it is written to."""

import os

from ..rows import MEMORY, MILLISECONDS, TIME, Row, floor, peer
from .subject import Subject

REPORTS = ("history", "show", "loops", "findings", "alerts", "status", "logs")
LISTS = ("history", "loops", "findings", "logs")  # of the last hundred and more
SUMMARY = "status"  # has totals of the whole history
LONGEST = 100  # milliseconds, of issue 6


class Reports(Subject):
    name = "reports"
    summary = "each default report of a history of a million events; with --full of 10 million, too"

    def sizes(self):
        if self.bench.is_quick:
            return [5_000]
        return [1_000_000, 10_000_000] if self.bench.is_full else [1_000_000]

    def rows(self):
        for size in self.sizes():
            for report in REPORTS:
                title, key = "{}, {:g}M".format(report, size / 1e6), "{}.{}".format(report, size)
                yield Row(
                    "idle." + key,
                    title + ", idle, p50",
                    TIME,
                    *([floor("last.{}".format(size), "the last 100 rows in plain SQL")] if report in LISTS else []),
                    peer("grouped.{}".format(size), "counting all rows in plain SQL"),
                    **({"goal": 20 * MILLISECONDS, "stretch": MILLISECONDS} if report == SUMMARY else {}),
                )
                idle = floor("idle." + key, "the same, idle, p50")
                yield Row("writing." + key, title + ", written to, longest", TIME, idle, goal=LONGEST * MILLISECONDS)
            plain = peer("plain.commit.{}".format(size), "ten rows in plain SQL, else idle")
            yield Row("commit.{}".format(size), "a commit meanwhile, p99", TIME, plain)
            plain = peer("plain.bytes.{}".format(size), "its events as rows in plain SQL")
            yield Row("bytes.{}".format(size), "of the file, for an invocation", MEMORY, plain)

    def prepare(self, stack):
        self.folder = self.bench.path("reports")
        os.makedirs(self.folder)

    def turn(self):
        self.repetitions = self.bench.some(20, 3)
        for size in self.sizes():
            figures = self.bench.tool(
                "history", "--folder", self.folder, "--events", size, "--rounds", self.repetitions
            )
            for report in REPORTS:
                key = "{}.{}".format(report, size)
                if report in figures["reports"]:
                    yield "idle." + key, figures["reports"][report]["idle"]["p50"]
                    yield "writing." + key, figures["reports"][report]["writing"]["max"]
            yield "commit.{}".format(size), figures["writing"]["commits"]["p99"]
            yield "bytes.{}".format(size), figures["bytesPerInvocation"]
            plain = self.bench.floor("summary.py", os.path.join(self.folder, "plain-{}".format(size)), size)
            yield "last.{}".format(size), plain["last"]
            yield "grouped.{}".format(size), plain["grouped"]
            yield "plain.commit.{}".format(size), plain["commit"]
            yield "plain.bytes.{}".format(size), plain["rowBytes"] * figures["events"] / figures["invocations"]
