internal import Foundation
internal import GRDB
internal import LoopModel

/// A look at the file before anything is written to it.
enum FileInspection {
    /// `Loop`, in the file's header: tells our files from those of other programs.
    static let applicationID: Int64 = 0x4C6F_6F70

    enum Verdict: Equatable {
        case absent
        /// Ours, and of a version that this build can read or bring up to date.
        case sound(identity: String)
        case damaged(reason: String)
    }

    /// - Throws: ``StoreFailure`` for a file that must not be touched, or cannot be read.
    static func inspect(_ path: String, isSuspect: Bool, options: StoreOptions) throws -> Verdict {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return .absent }
        guard !isFolder.boolValue else { throw StoreFailure.cannotOpen(path: path, reason: "it is a folder") }
        guard FileManager.default.isReadableFile(atPath: path), FileManager.default.isWritableFile(atPath: path) else {
            throw StoreFailure.cannotOpen(path: path, reason: "permission denied")
        }
        let size = FileSize.of(path)
        guard size > 0 else { return .damaged(reason: "it is empty") }
        do {
            return try read(path, size: size, isSuspect: isSuspect, options: options)
        } catch let error as DatabaseError {
            switch StoreFailure.translating(error) {
            case StoreFailure.corrupt(let reason): return .damaged(reason: reason)
            case StoreFailure.database(let reason): return .damaged(reason: reason)
            case let failure: throw failure
            }
        }
    }

    /// Reads through SQLite, not the header's bytes: the newest state may still be in the log.
    private static func read(_ path: String, size: Int, isSuspect: Bool, options: StoreOptions) throws -> Verdict {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(options.busyTimeout.seconds)
        let left = ["-wal", "-shm"].filter { !FileManager.default.fileExists(atPath: path + $0) }
        defer {
            // A connection that may not write makes the log's files and leaves them.
            for suffix in left where FileSize.of(path + "-wal") == 0 {
                try? FileManager.default.removeItem(atPath: path + suffix)
            }
        }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? queue.close() }
        return try queue.read { database in
            let application = try Int64.fetchOne(database, sql: "PRAGMA application_id") ?? 0
            let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
            let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
            guard application == applicationID else {
                guard tables > 0 || application != 0 else { return .damaged(reason: "it has no tables") }
                throw StoreFailure.foreignFile(
                    path: path,
                    reason: "it is an SQLite database of another program (application_id \(application))"
                )
            }
            guard version <= supportedSchemaVersion else {
                throw StoreFailure.newerSchema(path: path, found: version, supported: supportedSchemaVersion)
            }
            guard version > 0, tables > 0 else { return .damaged(reason: "its tables are gone") }
            if let fault = try fault(database, path: path, size: size, isSuspect: isSuspect, options: options) {
                return .damaged(reason: fault)
            }
            guard let identity = try String.fetchOne(database, sql: "SELECT identity FROM store WHERE id = 1") else {
                return .damaged(reason: "the row of the table 'store' is gone")
            }
            return .sound(identity: identity)
        }
    }

    private static func fault(
        _ database: Database,
        path: String,
        size: Int,
        isSuspect: Bool,
        options: StoreOptions
    ) throws -> String? {
        let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
        let pageSize = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0
        // While there is a log, pages may be missing from the file that are in the log.
        if FileSize.of(path + "-wal") == 0, pages * pageSize > size {
            return "it ends after \(size) of \(pages * pageSize) bytes"
        }
        guard isSuspect || size <= options.openingCheckLimit else { return nil }
        let answers = try String.fetchAll(database, sql: "PRAGMA quick_check(3)")
        return answers == ["ok"] ? nil : answers.joined(separator: "; ")
    }
}

extension Duration {
    /// As GRDB takes its timeouts.
    var seconds: Double { Double(nanoseconds) / 1e9 }
}
