"""A connection at module level: open on purpose, for every invocation."""

import sqlite3

_connection = sqlite3.connect(":memory:", check_same_thread=False)
_connection.execute("CREATE TABLE visit (at REAL)")


def handler(event, context):
    with _connection:
        _connection.execute("INSERT INTO visit VALUES (julianday())")
    return _connection.execute("SELECT count(*) FROM visit").fetchone()[0]
