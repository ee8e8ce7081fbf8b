internal import GRDB
internal import GRDBSQLite

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
        let (sequence, frames) = try checkpointer.writeWithoutTransaction { database in
            // The number first: what the mark says must have been committed by then.
            (try Self.sequence(database), try Self.bringIn(database, isSynced: false))
        }
        let size = FileSize.of(path + "-wal")
        let isTooLong = size > options.logSizeLimit
        guard isTooLong || frames * Opening.pageSize > options.logSizeLimit / 4 else { return sequence }
        _ = try checkpointer.writeWithoutTransaction { try Self.bringIn($0, isSynced: true) }
        // Where it need not be shortened it is written over from its beginning, which costs the system no new pages of
        // memory and disk.
        try beginLog(isTooLong ? .truncate : .restart, isUrgent: size > 4 * options.logSizeLimit)
        return sequence
    }

    /// Brings in what is in the log, and again what came meanwhile, until little is left to do in the writer's turn.
    ///
    /// - Parameters:
    ///   - database: The checkpointer's.
    ///   - isSynced: Whether to wait for the disk each time. While commits go on, no checkpoint does so by itself but the
    ///     last one, which would hold up the writer for as long as all of it takes: 150 ms and more.
    /// - Returns: how many pages the log holds.
    /// - Throws: SQLite's errors.
    private static func bringIn(_ database: Database, isSynced: Bool) throws -> Int {
        var frames = 0
        for _ in 0..<4 {
            let before = frames
            try unlessBusy { frames = try database.checkpoint(.passive).walFrameCount }
            if isSynced { try sync(database) }
            if frames - before < fewFrames { break }
        }
        return frames
    }

    /// Waits until the disk has what was brought into the file.
    ///
    /// By SQLite's own handle: were another one closed, the process would lose all its locks of the file.
    ///
    /// - Throws: SQLite's error; it must be told, as the system says it only once.
    private static func sync(_ database: Database) throws {
        var found: UnsafeMutablePointer<sqlite3_file>?
        guard
            sqlite3_file_control(database.sqliteConnection, "main", SQLITE_FCNTL_FILE_POINTER, &found) == SQLITE_OK,
            let file = found, let methods = file.pointee.pMethods
        else { return }
        let code = methods.pointee.xSync(file, SQLITE_SYNC_NORMAL)
        guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
    }

    /// Has the log begin anew; what is to be brought in for it is what came since the last time.
    ///
    /// In the writer's turn: those who commit without a pause would never leave the checkpoint the lock, and the log
    /// would grow for as long as they do. Readers are waited for only if it is urgent, as when one long question follows
    /// the other: writers wait as well.
    private func beginLog(_ kind: Database.CheckpointMode, isUrgent: Bool = false) throws {
        try pool.writeWithoutTransaction { _ in
            try checkpointer.writeWithoutTransaction { database in
                if isUrgent { try database.execute(sql: "PRAGMA busy_timeout = \(Self.urgentWait)") }
                defer { if isUrgent { try? database.execute(sql: "PRAGMA busy_timeout = \(Opening.checkpointWait)") } }
                try Self.unlessBusy { _ = try database.checkpoint(kind) }
            }
        }
    }

    /// For readers, in milliseconds.
    private static let urgentWait = 500
    /// Pages that are brought in within a few milliseconds.
    private static let fewFrames = 2000

    /// What a check of the file has found.
    package struct Integrity: Hashable, Sendable {
        /// What is wrong, in SQLite's words.
        package var faults: [String] = []
        /// The tables for which there was no time.
        package var unchecked: [String] = []
    }

    /// Checks pages, indexes and references between tables, table by table, the large ones last.
    ///
    /// After `limit` the rest is left: a large file takes minutes, and while it is read its log cannot be shortened.
    ///
    /// - Returns: what is wrong, and what was not looked at.
    /// - Throws: ``StoreFailure``.
    package func integrityCheck(within limit: Duration = .seconds(600)) throws -> Integrity {
        try StoreFailure.translated {
            try pool.read { database in
                var integrity = Integrity()
                var tables = try String.fetchAll(
                    database,
                    sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
                )
                tables = tables.filter { !Self.large.contains($0) } + Self.large.filter(tables.contains)
                let deadline = ContinuousClock.now + limit
                while let table = tables.first {
                    do {
                        integrity.faults += try ReadLimit.until(deadline, on: database) {
                            try Self.faults(of: table, database)
                        }
                    } catch StoreFailure.tooLong {
                        integrity.unchecked = tables
                        return integrity
                    }
                    tables.removeFirst()
                }
                return integrity
            }
        }
    }

    private static let large = ["freezeSpan", "loop", "invocation", "loopEvent"]

    private static func faults(of table: String, _ database: Database) throws -> [String] {
        let faults = try String.fetchAll(database, sql: "PRAGMA integrity_check('\(table)')").filter { $0 != "ok" }
        let orphans = try Row.fetchAll(database, sql: "PRAGMA foreign_key_check('\(table)')")
        return faults
            + orphans.map { "a row of \($0[0] as String? ?? "") refers to nothing in \($0[2] as String? ?? "")" }
    }

    private static func unlessBusy(_ body: () throws -> Void) throws {
        do { try body() } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {}
    }
}
