internal import GRDB

extension HistoryStore {
    /// Calls `body` with each environment of the file, the oldest first, as it was judged.
    ///
    /// - Parameter body: must not call the store.
    /// - Throws: what `body` throws, and ``StoreFailure``.
    package func forEachEnvironment(_ body: (ReplayedEnvironment) throws -> Void) throws {
        var last: Int64 = 0
        while let next = try environment(after: last, body) { last = next }
    }

    private func environment(after last: Int64, _ body: (ReplayedEnvironment) throws -> Void) throws -> Int64? {
        try StoreFailure.translated {
            try pool.read { database in
                let find = try PreparedStatement(
                    database,
                    """
                    SELECT environment.id, environment.isLost, \(EnvironmentRow.columns)
                    FROM \(EnvironmentRow.source) WHERE environment.id > ? ORDER BY environment.id LIMIT 1
                    """
                )
                find.bind(last)
                let row = try find.first { (id: $0.int64(), isLost: $0.bool(), record: EnvironmentRow.read($0)) }
                guard let row else { return nil }
                try body(
                    ReplayedEnvironment(record: row.record, id: row.id, isLost: row.isLost, database: database)
                )
                return row.id
            }
        }
    }
}
