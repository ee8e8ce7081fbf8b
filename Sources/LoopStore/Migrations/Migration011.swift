extension Migration {
    /// Events as bytes, all of an invocation's in its row: a tenth of the pages that rows of their own cost a commit.
    ///
    /// How they are made is said at ``PackedEvents``. The table `loopEvent` keeps what older versions have written.
    static let packedEvents = Self(
        version: 11,
        name: "packedEvents",
        sql: """
            -- The events judged with it, as far as they were told at once.
            ALTER TABLE invocation ADD COLUMN events BLOB;

            -- The others: of no invocation, or told in parts; these sequence numbers, the second not included.
            CREATE TABLE eventBatch (
                id INTEGER PRIMARY KEY,
                environment INTEGER NOT NULL REFERENCES environment (id),
                firstEvent INTEGER NOT NULL,
                endEvent INTEGER NOT NULL,
                events BLOB NOT NULL
            ) STRICT;
            CREATE INDEX eventBatch_environment ON eventBatch (environment, firstEvent);
            """
    )
}
