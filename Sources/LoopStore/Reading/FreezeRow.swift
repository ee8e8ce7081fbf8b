internal import GRDB
internal import LoopModel

/// A freeze as a row.
enum FreezeRow {
    /// What stands for the time before the first invocation.
    static let beforeTheFirst = -1

    /// Those of an environment that came after some of its invocations, the oldest first.
    static func spans(
        of environment: (row: Int64, id: EnvironmentID),
        following: ClosedRange<Int>,
        most: Int,
        _ database: Database
    ) throws -> [FreezeSpan] {
        let statement = try PreparedStatement(
            database,
            """
            SELECT following, frozenMonotonic, frozenAt, thawedMonotonic, thawedAt, processes, means FROM freezeSpan
            WHERE environment = ? AND following BETWEEN ? AND ? ORDER BY following, frozenMonotonic LIMIT ?
            """
        )
        statement.bind(environment.row)
        statement.bind(following.lowerBound)
        statement.bind(following.upperBound)
        statement.bind(most)
        return try statement.all { row in
            let following = row.int()
            let (frozen, frozenAt) = (row.int64(), row.int64())
            let (thawed, thawedAt) = (row.optionalInt64(), row.optionalInt64())
            var span = FreezeSpan(
                environment: environment.id,
                following: following == beforeTheFirst ? nil : following,
                frozen: Instant(nanoseconds: frozen),
                frozenAt: WallTime(nanoseconds: frozenAt),
                processes: row.int(),
                means: FreezeMeans(rawValue: row.text())
            )
            span.thawed = thawed.map { Instant(nanoseconds: $0) }
            span.thawedAt = thawedAt.map { WallTime(nanoseconds: $0) }
            return span
        }
    }
}
