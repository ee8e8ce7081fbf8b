internal import GRDB
package import LoopModel

/// The history in one SQLite file: one writer, which commits groups of changes, and readers that never wait for it.
///
/// Several threads may call it; writes wait for each other. Beside the database and its log lie `….mark`, the number
/// of a commit that is known to have been made, and `….ballast`, space to give back to a full disk.
package final class HistoryStore: Sendable {
    package let path: String
    let options: StoreOptions
    let pool: DatabasePool
    /// A connection of its own, so that checkpoints, which wait for the disk, do not hold up commits.
    let checkpointer: DatabaseQueue
    let mark: HighWaterMark
    let ballast: Ballast
    private let desk: Desk

    /// What belongs to the writing connection.
    ///
    /// Unchecked: touched in the pool's writing queue only.
    private final class Desk: @unchecked Sendable {
        var writer: ChangeWriter?
        var log: GatheredLog?
    }

    /// What stands before the log file, to be touched in the pool's writing queue only.
    var log: GatheredLog? { desk.log }

    init(
        path: String,
        options: StoreOptions,
        pool: DatabasePool,
        checkpointer: DatabaseQueue,
        mark: HighWaterMark,
        ballast: Ballast
    ) throws {
        self.path = path
        self.options = options
        self.pool = pool
        self.checkpointer = checkpointer
        self.mark = mark
        self.ballast = ballast
        desk = Desk()
        try pool.writeWithoutTransaction { database in
            desk.log = GatheredLog.install(on: database, waitsForDisk: options.durability == .power)
            if desk.log != nil { try database.execute(sql: "PRAGMA synchronous = FULL") }
            desk.writer = try ChangeWriter(database)
        }
    }

    /// Takes down a group of changes in one transaction: all of them or none.
    ///
    /// When it returns, the changes survive what the durability says. An empty group is a commit too, and proves that
    /// the file can be written.
    ///
    /// - Throws: ``StoreFailure``; then nothing was stored, and if it is transient, the same changes may be committed
    ///   again later.
    @discardableResult
    package func commit(_ changes: [Change]) throws -> CommitResult {
        try writing { try $0.commit(changes, at: options.clocks()) }
    }

    /// Marks the one alert whose fingerprint starts so as known; its findings are still counted.
    ///
    /// - Throws: ``StoreFailure/alertNotFound(prefix:)``, ``StoreFailure/alertAmbiguous(prefix:candidates:)``.
    package func acknowledge(fingerprintPrefix prefix: String) throws -> Alert {
        try setState(.acknowledged, ofAlertWith: prefix)
    }

    /// Marks the one alert whose fingerprint starts so as mended; a finding to come opens it again.
    ///
    /// - Throws: ``StoreFailure/alertNotFound(prefix:)``, ``StoreFailure/alertAmbiguous(prefix:candidates:)``.
    package func resolve(fingerprintPrefix prefix: String) throws -> Alert {
        try setState(.resolved, ofAlertWith: prefix)
    }

    /// Runs `body` in the writing queue; it makes its own transaction.
    func writing<Value>(_ body: (ChangeWriter) throws -> Value) throws -> Value {
        do {
            return try pool.writeWithoutTransaction { _ in
                guard let writer = desk.writer else { throw StoreFailure.closed }
                return try body(writer)
            }
        } catch {
            let failure = StoreFailure.translating(error)
            if case StoreFailure.corrupt = failure { mark.suspect() }
            throw failure
        }
    }

    /// Brings the log into the file and closes both; what is called afterwards throws ``StoreFailure/closed``.
    ///
    /// - Throws: ``StoreFailure`` when the file could not be closed in order; nothing that was committed is lost.
    package func close() throws {
        try StoreFailure.translated {
            let isOpen = pool.writeWithoutTransaction { _ in
                // Its statements would keep the connection open.
                defer { desk.writer = nil }
                return desk.writer != nil
            }
            guard isOpen else { return }
            let sequence = try? pool.read(Self.sequence)
            try pool.close()
            // The last connection to close empties the log; a reader could not.
            try checkpointer.close()
            if let sequence { mark.raise(to: sequence) }
        }
    }

    /// The number of the last commit.
    static func sequence(_ database: Database) throws -> Int64 {
        try Int64.fetchOne(database, sql: "SELECT sequence FROM store WHERE id = 1") ?? 0
    }

    private func setState(_ state: Alert.State, ofAlertWith prefix: String) throws -> Alert {
        try writing { writer in
            let result = try writer.transaction { try writer.setState(state, ofAlertWith: prefix) }
            guard let change = result.alerts.first else { throw StoreFailure.alertNotFound(prefix: prefix) }
            return change.alert
        }
    }
}
