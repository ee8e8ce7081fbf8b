extension Migration {
    /// Fewer indexes, and those that are seldom written to with more in them.
    ///
    /// An index by time alone cost the commit of each invocation a page; what it was read for is merged from the indexes
    /// by function and time, see ``FunctionMerge``. A file of ten million events takes two or three seconds, once: the
    /// loops are read to build the two small indexes.
    static let fewerIndexes = Self(
        version: 10,
        name: "fewerIndexes",
        sql: """
            DROP INDEX invocation_requested;
            DROP INDEX loop_created;
            DROP INDEX loop_open;
            DROP INDEX loop_leaked;
            CREATE INDEX loop_open ON loop (function, createdAt)
                WHERE closedMonotonic IS NULL AND finalizedMonotonic IS NULL;
            CREATE INDEX loop_leaked ON loop (function, createdAt) WHERE isLeaked = 1;
            """
    )
}
