internal import GRDB
package import LoopModel

extension HistoryStore {
    package func logLines(matching filter: LogFilter) async throws -> [LogLine] {
        try await reading { try LogQuery(filter).lines($0) }
    }

    /// Whether anything is known of a function.
    ///
    /// - Throws: ``StoreFailure``.
    package func knows(_ function: FunctionName) async throws -> Bool {
        try await reading { database in
            let find = try PreparedStatement(database, "SELECT 1 FROM function WHERE name = ?")
            find.bind(function.rawValue)
            return try find.first { $0.bool() } ?? false
        }
    }
}
