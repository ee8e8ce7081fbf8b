internal import GRDB
internal import GRDBSQLite

/// Gathers what a commit writes to SQLite's log, and writes it in one call.
///
/// SQLite writes each page of the log in two calls, and a commit of one invocation has some ten pages: these calls were a
/// tenth of the processor's time of a recorded invocation. So this stands between SQLite and the log file of the writing
/// connection. With `synchronous = FULL`, SQLite syncs the log after the last page of a commit and before it shows the
/// commit to readers, and a failure of that call fails the commit: that is when the gathered bytes are written. Then they
/// are the system's, and survive the daemon; only where they shall survive the loss of power is the disk waited for.
final class GatheredLog {
    /// In bytes; a larger commit is written in parts of it.
    private static let capacity = 1 << 17

    /// What SQLite finds in place of the file's own methods.
    private struct Methods {
        var methods: sqlite3_io_methods
        var log: Unmanaged<GatheredLog>
    }

    private let original: UnsafePointer<sqlite3_io_methods>
    private let waitsForDisk: Bool
    private var bytes: [UInt8] = []
    /// Where in the file they belong.
    private var offset: sqlite3_int64 = 0
    /// Calls of the system so far.
    private(set) var writes = 0
    private(set) var syncs = 0

    private init(_ original: UnsafePointer<sqlite3_io_methods>, waitsForDisk: Bool) {
        self.original = original
        self.waitsForDisk = waitsForDisk
        bytes.reserveCapacity(Self.capacity)
    }

    /// Takes the place of the methods of a connection's log file, until the connection closes it.
    ///
    /// - Parameters:
    ///   - database: a connection in WAL mode that has read before.
    ///   - waitsForDisk: whether a commit shall survive the loss of power.
    /// - Returns: nil where there is no such file; then all is as it was.
    static func install(on database: Database, waitsForDisk: Bool) -> GatheredLog? {
        var found: UnsafeMutablePointer<sqlite3_file>?
        guard
            sqlite3_file_control(database.sqliteConnection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &found) == SQLITE_OK,
            let file = found, let original = file.pointee.pMethods
        else { return nil }
        let log = GatheredLog(original, waitsForDisk: waitsForDisk)
        let methods = UnsafeMutablePointer<Methods>.allocate(capacity: 1)
        methods.initialize(to: Methods(methods: original.pointee, log: .passRetained(log)))
        methods.pointee.methods.xWrite = { file, bytes, count, offset in
            GatheredLog.of(file).write(file, bytes, count, offset)
        }
        methods.pointee.methods.xSync = { file, flags in GatheredLog.of(file).sync(file, flags) }
        methods.pointee.methods.xRead = { file, bytes, count, offset in
            let log = GatheredLog.of(file)
            return log.afterFlush(file) { log.original.pointee.xRead(file, bytes, count, offset) }
        }
        methods.pointee.methods.xTruncate = { file, size in
            let log = GatheredLog.of(file)
            return log.afterFlush(file) { log.original.pointee.xTruncate(file, size) }
        }
        methods.pointee.methods.xFileSize = { file, size in
            let log = GatheredLog.of(file)
            return log.afterFlush(file) { log.original.pointee.xFileSize(file, size) }
        }
        methods.pointee.methods.xClose = { file in GatheredLog.close(file) }
        file.pointee.pMethods = UnsafeRawPointer(methods).assumingMemoryBound(to: sqlite3_io_methods.self)
        return log
    }

    private static func methods(of file: UnsafeMutablePointer<sqlite3_file>?) -> UnsafeMutablePointer<Methods> {
        guard let methods = file?.pointee.pMethods else {
            preconditionFailure("SQLite calls a file that it has closed")
        }
        return UnsafeMutableRawPointer(mutating: methods).assumingMemoryBound(to: Methods.self)
    }

    private static func of(_ file: UnsafeMutablePointer<sqlite3_file>?) -> GatheredLog {
        methods(of: file).pointee.log.takeUnretainedValue()
    }

    private static func close(_ file: UnsafeMutablePointer<sqlite3_file>?) -> Int32 {
        let methods = methods(of: file)
        let log = methods.pointee.log.takeRetainedValue()
        // A transaction that was not committed may be left; nobody will miss it.
        log.bytes = []
        file?.pointee.pMethods = log.original
        methods.deinitialize(count: 1)
        methods.deallocate()
        return log.original.pointee.xClose(file)
    }

    private func write(
        _ file: UnsafeMutablePointer<sqlite3_file>?,
        _ start: UnsafeRawPointer?,
        _ count: Int32,
        _ offset: sqlite3_int64
    ) -> Int32 {
        if offset != self.offset + sqlite3_int64(bytes.count) || bytes.count + Int(count) > Self.capacity {
            let code = flush(file)
            guard code == SQLITE_OK else { return code }
            self.offset = offset
        }
        bytes.append(contentsOf: UnsafeRawBufferPointer(start: start, count: Int(count)))
        return SQLITE_OK
    }

    private func sync(_ file: UnsafeMutablePointer<sqlite3_file>?, _ flags: Int32) -> Int32 {
        // A commit's pages do not begin at the file's beginning. What does is the header of a log that begins anew: it
        // must be on the disk before them, or old pages may be taken for new ones after a loss of power.
        let isCommit = !bytes.isEmpty && offset > 0
        return afterFlush(file) {
            if isCommit && !waitsForDisk { return SQLITE_OK }
            syncs += 1
            return original.pointee.xSync(file, flags)
        }
    }

    private func afterFlush(_ file: UnsafeMutablePointer<sqlite3_file>?, _ body: () -> Int32) -> Int32 {
        let code = flush(file)
        return code == SQLITE_OK ? body() : code
    }

    private func flush(_ file: UnsafeMutablePointer<sqlite3_file>?) -> Int32 {
        guard !bytes.isEmpty else { return SQLITE_OK }
        writes += 1
        // What could not be written belongs to a commit that now fails, and is not tried again.
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes.withUnsafeBytes { original.pointee.xWrite(file, $0.baseAddress, Int32($0.count), offset) }
    }
}
