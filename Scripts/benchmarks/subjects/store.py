"""Events that the store commits, beside a loop that does nothing but store a row for each.

The loop is no floor: the store has several events in a row.
"""

import os
import shutil

from ..rows import RATE, Row, peer
from .subject import Subject

GROUPS = (1, 10, 100)  # invocations in a commit, of ten events each
EVENTS = 10


class Store(Subject):
    name = "store"
    summary = "events a second through the store, by invocations in a commit"

    def rows(self):
        for group in GROUPS:
            is_judged = group == max(GROUPS)
            yield Row(
                "rows.{}".format(group),
                "{} invocation{} a commit".format(group, "s" if group > 1 else ""),
                RATE,
                peer("raw.{}".format(group), "a row each, a loop in the C API", *((0.5, 0.8) if is_judged else ())),
                peer("python.{}".format(group), "a row each, sqlite3 in Python"),
                goal=150_000 if is_judged else None,
                stretch=240_000 if is_judged else None,
                is_more_better=True,
            )

    def turn(self):
        rows = self.repetitions = self.bench.some(100_000, 2_000)
        for group in GROUPS:
            folder = self.bench.path("store")
            os.makedirs(folder)
            figures = self.bench.tool("store", "--folder", folder, "--rows", rows, "--group", group)
            yield "raw.{}".format(group), figures["rawRowsPerSecond"]
            yield "rows.{}".format(group), figures["rowsPerSecond"]
            python = self.bench.floor("rows.py", folder, rows, group * EVENTS)
            yield "python.{}".format(group), python["rowsPerSecond"]
            shutil.rmtree(folder)
