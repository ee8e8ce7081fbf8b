extension Migration {
    /// How environments live: attempts to load a handler, resets, and why they were ended.
    static let lives = Self(
        version: 7,
        name: "lives",
        sql: """
            -- A list in JSON; NULL where the first attempt, in a phase of its own, succeeded.
            ALTER TABLE invocation ADD COLUMN inits TEXT;
            -- The uid of the environment that was reset; it need not be there any more.
            ALTER TABLE environment ADD COLUMN predecessor TEXT;
            -- NULL: one of its own.
            ALTER TABLE environment ADD COLUMN logStream TEXT;
            ALTER TABLE environment ADD COLUMN shutdownReason TEXT;
            """
    )
}
