internal import LoopModel

extension ChangeWriter {
    /// Takes down that an environment was frozen, and later when it was thawed.
    func write(_ span: FreezeSpan) throws {
        let statement = try prepared(
            """
            INSERT INTO freezeSpan (environment, following, frozenMonotonic, frozenAt, thawedMonotonic, thawedAt,
                processes, means)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (environment, following, frozenMonotonic) DO UPDATE
                SET thawedMonotonic = excluded.thawedMonotonic, thawedAt = excluded.thawedAt
            """
        )
        statement.bind(try environmentID(span.environment))
        statement.bind(span.following ?? FreezeRow.beforeTheFirst)
        statement.bind(span.frozen.nanoseconds)
        statement.bind(span.frozenAt.nanoseconds)
        statement.bind(span.thawed?.nanoseconds)
        statement.bind(span.thawedAt?.nanoseconds)
        statement.bind(span.processes)
        statement.bind(span.means.rawValue)
        try statement.run()
    }
}
