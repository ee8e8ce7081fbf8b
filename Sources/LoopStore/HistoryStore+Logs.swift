internal import GRDB
package import LoopModel

extension HistoryStore {
    /// Searches for ``StoreOptions/longestSearch``, the newest first, and says where to go on.
    package func logs(matching filter: LogFilter) async throws -> LogExcerpt {
        let patience = options.longestSearch
        return try await reading { try LogQuery(filter).excerpt($0, until: .now + patience) }
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
