"""Rows a second that Python's sqlite3 stores with `executemany`, in the table of loopwarden-bench's raw loop."""

import json
import os
import sqlite3
import sys
import time

TABLE = """
PRAGMA journal_mode=WAL;
PRAGMA synchronous=NORMAL;
PRAGMA wal_autocheckpoint=0;
CREATE TABLE event(id INTEGER PRIMARY KEY, ts INTEGER, function INTEGER, env INTEGER, kind INTEGER, loop INTEGER,
  site INTEGER, detail TEXT);
CREATE INDEX event_ts ON event(ts);
CREATE INDEX event_function ON event(function, ts);
"""
INSERT = "INSERT INTO event(ts, function, env, kind, loop, site, detail) VALUES(?, ?, ?, ?, ?, ?, ?)"


def main(folder, rows, group):
    rows, group = int(rows), int(group)
    database = sqlite3.connect(os.path.join(folder, "python.sqlite"), isolation_level=None)
    database.executescript(TABLE)
    begun = time.perf_counter()
    for written in range(0, rows, group):
        value = written % 40
        made = [(time.monotonic_ns(), value, value, value, value, value, "handler.py:7 handler") for _ in range(group)]
        database.execute("BEGIN IMMEDIATE")
        database.executemany(INSERT, made)
        database.execute("COMMIT")
    print(json.dumps({"rowsPerSecond": rows / (time.perf_counter() - begun)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
