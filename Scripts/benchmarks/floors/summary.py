"""What questions of a large table take in plain SQL: nanoseconds, the median of a few runs, pages in memory.

    summary.py FILE ROWS

Makes the table of floors/rows.py with as many rows where it is missing. `last` is the last 100 rows by their index,
`grouped` counts all rows by one column; `commit` is the p99 of commits of ten rows, `rowBytes` what the file has for a
row.
"""

import json
import os
import sqlite3
import statistics
import sys
import time

from rows import INSERT, TABLE

QUERIES = {
    "last": "SELECT * FROM event ORDER BY ts DESC LIMIT 100",
    "grouped": "SELECT kind, count(*) FROM event GROUP BY kind",
}


def fill(database, rows):
    database.executescript(TABLE)
    for written in range(0, rows, 10000):
        count = min(10000, rows - written)
        made = [(written + each, each % 40, each % 16, each % 6, 1, 1, "handler.py:7 handler") for each in range(count)]
        database.execute("BEGIN IMMEDIATE")
        database.executemany(INSERT, made)
        database.execute("COMMIT")


def commits(database, rows):
    times = []
    for number in range(300):
        made = [(rows + number, each, each, each, 1, 1, "handler.py:7 handler") for each in range(10)]
        begun = time.perf_counter_ns()
        database.execute("BEGIN IMMEDIATE")
        database.executemany(INSERT, made)
        database.execute("COMMIT")
        times.append(time.perf_counter_ns() - begun)
    return sorted(times)[len(times) * 99 // 100]


def main(path, rows):
    rows, is_new = int(rows), not os.path.exists(path)
    database = sqlite3.connect(path, isolation_level=None)
    if is_new:
        fill(database, rows)
    database.executescript("PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=0;")
    (pages,), (size,), (count,) = (
        database.execute(question).fetchone()
        for question in ("PRAGMA page_count", "PRAGMA page_size", "SELECT count(*) FROM event")
    )
    figures = {"rowBytes": pages * size / count}
    for name, query in QUERIES.items():
        times = []
        for _ in range(4):
            begun = time.perf_counter_ns()
            database.execute(query).fetchall()
            times.append(time.perf_counter_ns() - begun)
        figures[name] = statistics.median(times[1:])
    figures["commit"] = commits(database, rows)
    print(json.dumps(figures))


main(*sys.argv[1:])
