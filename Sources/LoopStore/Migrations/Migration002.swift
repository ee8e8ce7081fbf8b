extension Migration {
    /// Events that nobody waits for, until their functions have taken them.
    static let queue = Self(
        version: 2,
        name: "queue",
        sql: """
            -- The function by its name: it need not be there now.
            CREATE TABLE queuedEvent (
                id INTEGER PRIMARY KEY,
                uid TEXT NOT NULL UNIQUE,
                function TEXT NOT NULL,
                payload TEXT NOT NULL,
                clientContext TEXT,
                traceID TEXT,
                requestedAt INTEGER NOT NULL,
                tries INTEGER NOT NULL,
                dueAt INTEGER NOT NULL
            ) STRICT;
            CREATE INDEX queuedEvent_due ON queuedEvent (dueAt);
            """
    )
}
