extension Migration {
    /// What environments held of the memory.
    static let memory = Self(
        version: 5,
        name: "memory",
        sql: """
            -- The most that the invocation's environment had held when it ended, in bytes; NULL where nobody has looked.
            ALTER TABLE invocation ADD COLUMN peakMemory INTEGER;
            -- The limit that the environment was killed for, in bytes; NULL: it was not.
            ALTER TABLE invocation ADD COLUMN exceededMemory INTEGER;
            """
    )
}
