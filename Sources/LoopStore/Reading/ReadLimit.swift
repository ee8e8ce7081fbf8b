internal import GRDB
internal import GRDBSQLite

/// Gives up what takes too long: as long as somebody reads, the log beside the file cannot be shortened.
enum ReadLimit {
    /// Steps of SQLite's machine between two looks at the clock: some tenths of a millisecond.
    private static let steps: Int32 = 10_000

    private final class Watch {
        let deadline: ContinuousClock.Instant
        var hasPassed = false

        init(_ deadline: ContinuousClock.Instant) { self.deadline = deadline }
    }

    /// Runs `body`, whose statements are ended at the deadline.
    ///
    /// - Throws: ``StoreFailure/tooLong`` then, else what `body` throws.
    static func until<Value>(
        _ deadline: ContinuousClock.Instant,
        on database: Database,
        _ body: () throws -> Value
    ) throws -> Value {
        let watch = Watch(deadline)
        let connection = database.sqliteConnection
        sqlite3_progress_handler(
            connection,
            steps,
            { context in
                guard let context else { return 0 }
                let watch = Unmanaged<Watch>.fromOpaque(context).takeUnretainedValue()
                watch.hasPassed = ContinuousClock.now >= watch.deadline
                return watch.hasPassed ? 1 : 0
            },
            Unmanaged.passUnretained(watch).toOpaque()
        )
        defer {
            sqlite3_progress_handler(connection, 0, nil, nil)
            withExtendedLifetime(watch) {}
        }
        do { return try body() } catch let error as DatabaseError
            where error.resultCode == .SQLITE_INTERRUPT && watch.hasPassed
        {
            throw StoreFailure.tooLong
        }
    }
}
