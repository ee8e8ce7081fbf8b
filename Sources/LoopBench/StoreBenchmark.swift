import GRDBSQLite
import LoopModel
import LoopOS
import LoopStore

/// Event rows per second through `HistoryStore.commit`, beside a raw prepared-statement loop on the same SQLite.
///
/// Both write the same number of rows in groups of the same size to a fresh file in WAL mode with
/// `synchronous=NORMAL`; the raw loop writes the eight columns of facts/baselines.md §4 with two indexes and does
/// nothing else.
struct StoreBenchmark {
    /// What one invocation of an async handler leaves: created, set, begun, ended, shut down twice, closed, phases.
    static let eventsPerInvocation = 10

    let folder: String
    let rows: Int
    /// Invocations in one commit.
    let group: Int

    struct Figures {
        var rowsPerSecond: Double
        var rawRowsPerSecond: Double
    }

    func run() throws -> Figures {
        let raw = try rawLoop()
        return Figures(rowsPerSecond: try throughStore(), rawRowsPerSecond: raw)
    }

    private func throughStore() throws -> Double {
        let path = "\(folder)/store-\(group).sqlite"
        let (store, _) = try HistoryStore.open(at: path)
        let function = FunctionConfiguration(
            name: FunctionName(sanitizing: "bench"),
            root: "/",
            source: "/",
            handler: "a.b"
        )
        let environment = EnvironmentRecord(
            id: .random(),
            function: function.name,
            host: .perInvocation,
            loop: .asyncio,
            start: .spawn,
            cause: .first,
            startedAt: WallTime(nanoseconds: WallClock.nanoseconds())
        )
        _ = try store.commit([
            .function(function, at: WallTime(nanoseconds: WallClock.nanoseconds())), .environmentStarted(environment),
        ])
        var invocations = 0
        let begun = MonotonicClock.nanoseconds()
        while invocations * Self.eventsPerInvocation < rows {
            var changes: [HistoryStore.Change] = []
            for _ in 0..<group {
                changes += invocation(invocations, of: environment)
                invocations += 1
            }
            _ = try store.commit(changes)
        }
        let seconds = Double(MonotonicClock.nanoseconds() - begun) / 1e9
        try store.close()
        return Double(invocations * Self.eventsPerInvocation) / seconds
    }

    private func invocation(_ ordinal: Int, of environment: EnvironmentRecord) -> [HistoryStore.Change] {
        let now = MonotonicClock.nanoseconds()
        var record = InvocationRecord(
            id: .random(),
            function: environment.function,
            requestedAt: WallTime(nanoseconds: WallClock.nanoseconds())
        )
        record.environment = environment.id
        record.ordinal = ordinal
        record.isCold = ordinal == 0
        record.outcome = .ok
        let loop = LoopSerial(rawValue: UInt32(ordinal + 1))
        let site = CodeSite(line: CodeLine(file: "handler.py", line: 7, function: "handler"), isUserCode: true)
        let kinds: [LoopEvent.Kind] = [
            .phaseBegun, .created, .slotSet, .runBegun, .runEnded, .asyncgensShutdown, .executorShutdown, .slotSet,
            .closed, .phaseEnded,
        ]
        var events: [LoopEvent] = []
        var ledger = Ledger()
        for (index, kind) in kinds.enumerated() {
            let event = LoopEvent(
                sequence: Int64(ordinal * kinds.count + index),
                at: Instant(nanoseconds: now + Int64(index)),
                kind: kind,
                phase: .invocation,
                ordinal: ordinal,
                loop: loop,
                site: site,
                value: 3
            )
            ledger.apply(event)
            events.append(event)
        }
        return [
            .invocationEnded(record), .events(environment.id, invocation: record.id, events),
            .loops(environment.id, ledger.ordered),
        ]
    }

    private func rawLoop() throws -> Double {
        var database: OpaquePointer?
        guard sqlite3_open("\(folder)/raw-\(group).sqlite", &database) == SQLITE_OK else {
            throw BenchmarkFailure("the raw database cannot be opened")
        }
        defer { sqlite3_close(database) }
        try execute("PRAGMA journal_mode=WAL", on: database)
        try execute("PRAGMA synchronous=NORMAL", on: database)
        // As in the store, whose checkpoints are made elsewhere.
        try execute("PRAGMA wal_autocheckpoint=0", on: database)
        try execute(
            """
            CREATE TABLE event(id INTEGER PRIMARY KEY, ts INTEGER, function INTEGER, env INTEGER, kind INTEGER,
              loop INTEGER, site INTEGER, detail TEXT);
            CREATE INDEX event_ts ON event(ts); CREATE INDEX event_function ON event(function, ts);
            """,
            on: database
        )
        var insert: OpaquePointer?
        let sql = "INSERT INTO event(ts,function,env,kind,loop,site,detail) VALUES(?,?,?,?,?,?,?)"
        guard sqlite3_prepare_v2(database, sql, -1, &insert, nil) == SQLITE_OK else {
            throw BenchmarkFailure("the raw statement cannot be prepared")
        }
        defer { sqlite3_finalize(insert) }
        var written = 0
        let begun = MonotonicClock.nanoseconds()
        while written < rows {
            try execute("BEGIN IMMEDIATE", on: database)
            for _ in 0..<(group * Self.eventsPerInvocation) {
                sqlite3_bind_int64(insert, 1, MonotonicClock.nanoseconds())
                for column in 2...6 { sqlite3_bind_int64(insert, Int32(column), Int64(written % 40)) }
                sqlite3_bind_text(insert, 7, "handler.py:7 handler", -1, nil)
                guard sqlite3_step(insert) == SQLITE_DONE else { throw BenchmarkFailure("a raw insert failed") }
                sqlite3_reset(insert)
                written += 1
            }
            try execute("COMMIT", on: database)
        }
        return Double(written) / (Double(MonotonicClock.nanoseconds() - begun) / 1e9)
    }

    private func execute(_ sql: String, on database: OpaquePointer?) throws {
        guard sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK else {
            throw BenchmarkFailure("SQLite refused: \(sql)")
        }
    }
}

/// Why a measurement could not be made.
struct BenchmarkFailure: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
