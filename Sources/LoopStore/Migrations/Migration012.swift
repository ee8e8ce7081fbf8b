extension Migration {
    /// Loops that live within one invocation have no row: a fifth of the pages of a commit, and of the file.
    ///
    /// Most loops do: the one that a host makes for an invocation, or that `asyncio.run` makes in it. What a row would say
    /// of such a loop follows from the invocation's events, see ``BriefLoopRow``.
    static let briefLoops = Self(
        version: 12,
        name: "briefLoops",
        sql: """
            -- When its only loop was made, which was closed in it and has no row; NULL: its loops, if any, have rows.
            ALTER TABLE invocation ADD COLUMN briefLoopAt INTEGER;
            CREATE INDEX invocation_loop ON invocation (function, briefLoopAt) WHERE briefLoopAt IS NOT NULL;
            """
    )
}
