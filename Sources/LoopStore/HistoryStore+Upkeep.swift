internal import GRDB

extension HistoryStore {
    /// Brings what was committed from the log into the file, and raises the high-water mark; to be called now and
    /// then, by nobody who is waited for.
    ///
    /// Commits and readers go on meanwhile, but for a moment when the log has grown beyond its limit and is shortened.
    /// Does what can be done now: that a reader or a writer was in the way is no failure.
    ///
    /// - Throws: ``StoreFailure``.
    package func checkpoint() throws {
        try StoreFailure.translated {
            let sequence = try checkpointer.writeWithoutTransaction { database in
                // The number first: what the mark says must be in the file.
                let sequence = try Self.sequence(database)
                var frames = 0
                try Self.unlessBusy { frames = try database.checkpoint(.passive).walFrameCount }
                if FileSize.of(path + "-wal") > options.logSizeLimit {
                    try Self.unlessBusy { _ = try database.checkpoint(.truncate) }
                } else if frames * Opening.pageSize > options.logSizeLimit / 4 {
                    // Written over from its beginning, the log costs the system no new pages of memory and disk.
                    try Self.unlessBusy { _ = try database.checkpoint(.restart) }
                }
                return sequence
            }
            mark.raise(to: sequence)
            ballast.restore()
        }
    }

    /// Checks every page and index, and every reference between tables; takes seconds for a large file.
    ///
    /// - Returns: what is wrong, in SQLite's words; empty when all is well.
    /// - Throws: ``StoreFailure``.
    package func integrityCheck() throws -> [String] {
        try StoreFailure.translated {
            try pool.read { database in
                var faults = try String.fetchAll(database, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
                let orphans = try Row.fetchAll(database, sql: "PRAGMA foreign_key_check")
                faults += orphans.map {
                    "a row of \($0[0] as String? ?? "") refers to nothing in \($0[2] as String? ?? "")"
                }
                return faults
            }
        }
    }

    private static func unlessBusy(_ body: () throws -> Void) throws {
        do { try body() } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {}
    }
}
