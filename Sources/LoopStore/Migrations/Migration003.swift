extension Migration {
    /// Logs: what is known of their lines, and what environments have printed outside of invocations.
    static let logs = Self(
        version: 3,
        name: "logs",
        sql: """
            -- Beside what an invocation has printed, invocation.logTail; only where there is anything to say.
            CREATE TABLE invocationLog (
                invocation INTEGER PRIMARY KEY REFERENCES invocation (id) ON DELETE CASCADE,
                -- When it was handed to the handler, where that does not follow from its row.
                startedAt INTEGER,
                -- The trace header, where its trace is sampled.
                trace TEXT,
                -- The lines at which the time changes: their number, and microseconds since the one before.
                times TEXT NOT NULL
            ) STRICT;

            -- How an environment's log is written.
            CREATE TABLE logStyle (
                environment INTEGER PRIMARY KEY REFERENCES environment (id) ON DELETE CASCADE,
                memory INTEGER NOT NULL,
                format TEXT NOT NULL,
                systemLevel TEXT NOT NULL,
                region TEXT NOT NULL
            ) STRICT;

            -- What an environment has printed while it was loaded, between invocations, and at its end.
            CREATE TABLE environmentOutput (
                id INTEGER PRIMARY KEY,
                environment INTEGER NOT NULL REFERENCES environment (id) ON DELETE CASCADE,
                phase TEXT NOT NULL,
                at INTEGER NOT NULL,
                times TEXT NOT NULL,
                text TEXT NOT NULL
            ) STRICT;
            CREATE INDEX environmentOutput_environment ON environmentOutput (environment);
            CREATE INDEX environmentOutput_at ON environmentOutput (at);
            CREATE INDEX environment_started ON environment (startedAt);
            """
    )
}
