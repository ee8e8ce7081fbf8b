internal import GRDB

extension StoreFailure {
    /// What an error of SQLite means to those who use the store; other errors are passed on.
    static func translating(_ error: any Error) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        let reason = "\(error.message ?? "no message") (\(error.extendedResultCode))"
        switch error.resultCode {
        case .SQLITE_FULL: return Self.diskFull
        // The shared memory beside the file cannot grow: how a full disk looks when a file is opened or a large
        // transaction begins (facts: reliability §0.9).
        case .SQLITE_IOERR where error.extendedResultCode == .SQLITE_IOERR_SHMSIZE: return Self.diskFull
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: return Self.corrupt(reason: reason)
        case .SQLITE_BUSY, .SQLITE_LOCKED: return Self.busy
        case .SQLITE_IOERR, .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
            return Self.inputOutput(reason: reason)
        // GRDB's word for a closed pool, and SQLite's for the missing connection of a closed queue.
        case .SQLITE_MISUSE where ["Connection is closed", "out of memory"].contains(error.message):
            return Self.closed
        case .SQLITE_INTERRUPT, .SQLITE_ABORT: return CancellationError()
        default: return Self.database(reason: reason)
        }
    }

    /// Runs `body` with SQLite's errors told as failures of the store.
    static func translated<Value>(_ body: () throws -> Value) throws -> Value {
        do { return try body() } catch { throw translating(error) }
    }
}
