internal import GRDB
internal import GRDBSQLite
internal import LoopModel

/// Puts changes into rows: prepared statements, the ids of shared values, and the transaction around a group.
///
/// Belongs to the writing connection's queue. Each kind of change has an extension of its own.
final class ChangeWriter {
    let database: Database
    private let begin: Statement
    private let end: Statement
    private let undo: Statement
    private let finish: PreparedStatement
    private let findSequence: PreparedStatement

    var names = InternTable<String>()
    var sites = InternTable<CodeSite>()
    var functions = InternTable<FunctionName>()
    var environments = InternTable<EnvironmentID>()
    /// Of the invocations of the running transaction.
    var invocations: [InvocationID: Int64] = [:]
    /// Those of them whose events went into their rows when these were made.
    var packedInvocations: Set<InvocationID> = []
    /// Loops for which an invocation's row stands in the running transaction, until they are told.
    var briefLoops: Set<LoopKey> = []
    var totals = Totals()
    var alertKinds: [Int64: HistoryStore.AlertChange.Kind] = [:]
    private var statements: [String: PreparedStatement] = [:]

    let insertLoop: PreparedStatement
    let updateLoop: PreparedStatement
    let startInvocation: PreparedStatement
    let endInvocation: PreparedStatement

    init(_ database: Database) throws {
        self.database = database
        begin = try database.makeStatement(sql: "BEGIN IMMEDIATE")
        end = try database.makeStatement(sql: "COMMIT")
        undo = try database.makeStatement(sql: "ROLLBACK")
        finish = try PreparedStatement(
            database,
            """
            UPDATE store SET sequence = sequence + 1, invocations = invocations + ?, environments = environments + ?,
                loops = loops + ?, events = events + ?, findings = findings + ?
            WHERE id = 1
            """
        )
        // Not RETURNING, for which SQLite makes a table in memory each time.
        findSequence = try PreparedStatement(database, "SELECT sequence FROM store WHERE id = 1")
        insertLoop = try PreparedStatement(database, Self.insertLoopSQL)
        updateLoop = try PreparedStatement(database, Self.updateLoopSQL)
        startInvocation = try PreparedStatement(database, Self.startInvocationSQL)
        endInvocation = try PreparedStatement(database, Self.endInvocationSQL)
    }

    /// Takes down a group of changes: all of them or none.
    func commit(_ changes: [HistoryStore.Change], at clocks: ClockReading) throws -> HistoryStore.CommitResult {
        try transaction {
            let plan = CommitPlan(changes)
            for change in changes { try write(change, plan: plan, clocks: clocks) }
        }
    }

    /// Runs `body` in a transaction of its own, which gets the next number; what `body` learnt is forgotten again if
    /// it fails.
    func transaction(_ body: () throws -> Void) throws -> HistoryStore.CommitResult {
        totals = Totals()
        alertKinds.removeAll(keepingCapacity: true)
        invocations.removeAll(keepingCapacity: true)
        packedInvocations.removeAll(keepingCapacity: true)
        briefLoops.removeAll(keepingCapacity: true)
        try execute(begin)
        do {
            try body()
            let alerts = try changedAlerts()
            let sequence = try finished()
            try execute(end)
            names.keep()
            sites.keep()
            functions.keep()
            environments.keep()
            return HistoryStore.CommitResult(sequence: sequence, alerts: alerts)
        } catch {
            names.rollBack()
            sites.rollBack()
            functions.rollBack()
            environments.rollBack()
            // The failure may have come between two bindings.
            for statement in fixed + Array(statements.values) { statement.reset() }
            // A full disk or a failed read makes SQLite roll back by itself.
            if database.isInsideTransaction { try? execute(undo) }
            throw error
        }
    }

    private var fixed: [PreparedStatement] {
        [finish, findSequence, insertLoop, updateLoop, startInvocation, endInvocation]
    }

    /// Runs a statement of a transaction; through GRDB, which follows transactions.
    private func execute(_ statement: Statement) throws {
        do { try statement.execute() } catch {
            // Else the next execution would fail as this one did: GRDB takes the answer of the reset for its own.
            sqlite3_reset(statement.sqliteStatement)
            throw error
        }
    }

    private func finished() throws -> Int64 {
        finish.bind(totals.invocations)
        finish.bind(totals.environments)
        finish.bind(totals.loops)
        finish.bind(totals.events)
        finish.bind(totals.findings)
        try finish.run()
        guard let sequence = try findSequence.first({ $0.int64() }) else {
            throw StoreFailure.corrupt(reason: "the row of the table 'store' is gone")
        }
        return sequence
    }

    private func write(_ change: HistoryStore.Change, plan: CommitPlan, clocks: ClockReading) throws {
        switch change {
        case .function(let configuration, let moment): try write(configuration, at: moment)
        case .environmentStarted(let record):
            try write(record)
            try write(logStyleOf: record)
        case .environmentUpdated(let record): try write(record)
        case .environmentPrinted(let environment, let output): try write(output, of: environment)
        case .invocationStarted(let record):
            if !plan[record.id].isEnded { try start(record) }
        case .invocationEnded(let record):
            try end(record, plan[record.id], clocks: clocks)
            try write(logOf: record)
        case .events(let environment, let invocation, let events):
            let id = try environmentID(environment)
            var brief: CommitPlan.BriefLoop?
            if let invocation {
                if packedInvocations.contains(invocation) { return }
                let part = plan[invocation]
                if !part.isEnded { try extend(invocation, by: events) }
                brief = part.brief
            }
            try insert(events, of: id, invocation: invocation, brief: brief, clocks: clocks)
        case .freeze(let span): try write(span)
        case .imports(let environment, let report): try write(report, of: environment)
        case .loops(let environment, let loops): try write(loops, of: environment, clocks: clocks)
        case .findings(let findings, let moment): for finding in findings { _ = try record(finding, at: moment) }
        }
    }

    /// A statement prepared at its first use.
    func prepared(_ sql: String) throws -> PreparedStatement {
        if let statement = statements[sql] { return statement }
        let statement = try PreparedStatement(database, sql)
        statements[sql] = statement
        return statement
    }
}
