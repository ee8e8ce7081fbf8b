extension Migration {
    /// Which simulation an invocation was part of.
    static let runs = Self(
        version: 6,
        name: "runs",
        sql: """
            -- The simulation's name; NULL for what was really asked for.
            ALTER TABLE invocation ADD COLUMN run TEXT;
            CREATE INDEX invocation_run ON invocation (run, requestedAt) WHERE run IS NOT NULL;
            """
    )
}
