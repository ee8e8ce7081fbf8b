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
        let sequence = try makingRoom { try bringIn() }
        mark.raise(to: sequence)
        ballast.restore()
    }

    /// Runs `body`, and once more if the disk is full: without the ballast, and after a try to shorten the log.
    ///
    /// Both bringing in the log and deleting write before they free.
    func makingRoom<Value>(_ body: () throws -> Value) throws -> Value {
        do { return try StoreFailure.translated(body) } catch StoreFailure.diskFull {
            _ = ballast.giveUp()
            _ = try? checkpointer.writeWithoutTransaction { try $0.checkpoint(.truncate) }
            return try StoreFailure.translated(body)
        }
    }

    /// - Returns: the number of a commit that is in the file or in its log.
    private func bringIn() throws -> Int64 {
        try checkpointer.writeWithoutTransaction { database in
            // The number first: what the mark says must have been committed by then.
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
