internal import Foundation
internal import GRDB
internal import LoopModel

/// The steps from a path to an open history, in order.
struct Opening {
    /// Of a new file, in bytes.
    ///
    /// A commit writes each page that it touches whole, and one invocation touches a dozen, so pages smaller than
    /// SQLite's 4 KiB cost less: a fifth of the processor's time of such a commit, nothing in one of a hundred.
    static let pageSize = 2048

    /// For readers, in milliseconds; short, as it holds up the writer, and it is tried again soon.
    static let checkpointWait = 5

    let path: String
    let options: StoreOptions
    private var report = OpeningReport()
    private let ballast: Ballast
    private var markPath: String { path + ".mark" }
    private var temporaryPath: String { path + ".new" }

    init(path: String, options: StoreOptions) {
        self.path = path
        self.options = options
        ballast = Ballast(path: path + ".ballast", size: options.ballastSize)
    }

    /// - Throws: ``StoreFailure``.
    mutating func open() throws -> (store: HistoryStore, report: OpeningReport) {
        do {
            return try attempt()
        } catch StoreFailure.diskFull where ballast.giveUp() {
            // Even reading needs the shared memory beside the file, which a full disk has no room for.
            let found = report
            report = OpeningReport()
            report.quarantined = found.quarantined
            report.quarantineReason = found.quarantineReason
            report.gaveUpBallast = true
            return try attempt()
        }
    }

    private mutating func attempt() throws -> (store: HistoryStore, report: OpeningReport) {
        let mark = HighWaterMark.read(at: markPath)
        let identity = try usableFile(mark)
        return try StoreFailure.translated {
            let pool = try openPool()
            try pool.writeWithoutTransaction { database in
                try migrate(database)
                try closeLost(database)
            }
            let sequence = try pool.read(HistoryStore.sequence)
            // Without a file, or with another, what the mark speaks of is gone as a whole.
            if let mark, mark.identity == identity {
                report.missingCommits = max(0, mark.sequence - sequence)
            } else if let mark, report.isNew, report.quarantined == nil {
                report.missingCommits = mark.sequence
            }
            let newMark = HighWaterMark(path: markPath, identity: identity)
            newMark.renew(at: sequence)
            let checkpointer = try openCheckpointer()
            if report.gaveUpBallast {
                // Before commits fill what it gave, or nothing would be left to delete old history with.
                _ = try? checkpointer.writeWithoutTransaction { try $0.checkpoint(.truncate) }
                ballast.restore(ifRoomFor: 1)
            } else {
                ballast.restore()
            }
            let store = try HistoryStore(
                path: path,
                options: options,
                pool: pool,
                checkpointer: checkpointer,
                mark: newMark,
                ballast: ballast
            )
            return (store, report)
        }
    }

    /// Sees to it that a sound file lies at the path, and gives its identity.
    private mutating func usableFile(_ mark: HighWaterMark.Reading?) throws -> String {
        let verdict = try FileInspection.inspect(path, isSuspect: mark?.isSuspect ?? false, options: options)
        switch verdict {
        case .sound(let identity): return identity
        case .damaged(let reason):
            report.quarantined = try Quarantine.putAside(path, at: options.clocks().wall)
            report.quarantineReason = reason
        case .absent:
            if Quarantine.hasOrphanedLog(path) {
                report.quarantined = try Quarantine.putAside(path, at: options.clocks().wall)
                report.quarantineReason = "a log lay there without its database"
            }
        }
        return try create()
    }

    /// Makes a new file under another name and moves it into place when it is whole: a daemon killed meanwhile leaves
    /// none, not half of one.
    private mutating func create() throws -> String {
        let manager = FileManager.default
        for suffix in ["", "-journal", "-wal", "-shm"] { try? manager.removeItem(atPath: temporaryPath + suffix) }
        let identity = hexadecimal((0..<16).map { _ in UInt8.random(in: .min ... .max) })
        do {
            var configuration = Configuration()
            configuration.prepareDatabase { try $0.execute(sql: "PRAGMA page_size = \(Self.pageSize)") }
            let queue = try DatabaseQueue(path: temporaryPath, configuration: configuration)
            try queue.write { database in
                try apply(allMigrations, to: database)
                try database.execute(literal: "PRAGMA application_id = \(sql: String(FileInspection.applicationID))")
                try database.execute(
                    sql: """
                        INSERT INTO store (id, identity, sequence, invocations, environments, loops, events, findings)
                        VALUES (1, ?, 0, 0, 0, 0, 0, 0)
                        """,
                    arguments: [identity]
                )
            }
            try queue.close()
        } catch let error as DatabaseError {
            let failure = StoreFailure.translating(error)
            if case StoreFailure.diskFull = failure { throw failure }
            throw StoreFailure.cannotOpen(path: path, reason: error.message ?? "\(error.resultCode)")
        }
        do { try manager.moveItem(atPath: temporaryPath, toPath: path) } catch {
            throw StoreFailure.cannotOpen(path: path, reason: error.localizedDescription)
        }
        report.isNew = true
        return identity
    }

    private mutating func migrate(_ database: Database) throws {
        let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        let pending = allMigrations.filter { $0.version > version }
        if !pending.isEmpty {
            // All in one transaction: a daemon killed meanwhile leaves the old schema or the new one.
            try database.inTransaction(.immediate) {
                try apply(pending, to: database)
                return .commit
            }
        }
        report.schemaVersion = supportedSchemaVersion
    }

    private mutating func apply(_ migrations: [Migration], to database: Database) throws {
        for migration in migrations {
            try database.execute(sql: migration.sql)
            try database.execute(sql: "PRAGMA user_version = \(migration.version)")
            report.migrations.append(migration.name)
        }
    }

    /// Closes what a daemon left running when it died.
    private mutating func closeLost(_ database: Database) throws {
        let now = options.clocks().wall.nanoseconds
        try database.inTransaction(.immediate) {
            try database.execute(sql: "UPDATE invocation SET outcome = 'lost' WHERE outcome IS NULL")
            report.lostInvocations = database.changesCount
            try database.execute(
                sql: """
                    UPDATE environment SET endedAt = ?, endReason = 'lost with its daemon', isLost = 1
                    WHERE endedAt IS NULL
                    """,
                arguments: [now]
            )
            return .commit
        }
    }

    private func openPool() throws -> DatabasePool {
        var configuration = Configuration()
        configuration.label = "history"
        configuration.busyMode = .timeout(options.busyTimeout.seconds)
        configuration.maximumReaderCount = 4
        configuration.foreignKeysEnabled = true
        let pool = try DatabasePool(path: path, configuration: configuration)
        // Not in prepareDatabase: the pool sets `synchronous` after that (facts: reliability §0.3).
        try pool.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA synchronous = \(options.durability == .power ? "FULL" : "NORMAL")")
            // Debian's SQLite overwrites what is deleted, at the price of twice the log (facts: reliability §3b, 41).
            try database.execute(sql: "PRAGMA secure_delete = FAST")
            try database.execute(sql: "PRAGMA journal_size_limit = \(options.logSizeLimit)")
            // Checkpoints wait for the disk; they are made off the reply path.
            try database.execute(sql: "PRAGMA wal_autocheckpoint = 0")
            // What is written is rarely read again; the cache fills up to this, in KiB, and then the daemon grows no more.
            try database.execute(sql: "PRAGMA cache_size = -4096")
        }
        return pool
    }

    private func openCheckpointer() throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "history.checkpoint"
        configuration.busyMode = .timeout(Double(Self.checkpointWait) / 1000)
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_size_limit = \(options.logSizeLimit)") }
        return queue
    }
}

extension HistoryStore {
    /// Opens the history, or makes a new one where there is none.
    ///
    /// A damaged file is put aside under another name, never overwritten. What a dead daemon left running is closed as
    /// lost. Only one process may have the history open for writing: the daemon's lock sees to that.
    ///
    /// - Throws: ``StoreFailure``; a file of a newer schema, or of another program, was then not touched.
    package static func open(
        at path: String,
        options: StoreOptions = StoreOptions()
    ) throws -> (store: HistoryStore, report: OpeningReport) {
        var opening = Opening(path: path, options: options)
        return try opening.open()
    }
}
