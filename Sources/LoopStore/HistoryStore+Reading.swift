internal import GRDB
package import LoopModel

extension HistoryStore: HistoryReading {
    package func invocations(matching filter: HistoryFilter) async throws -> [InvocationRecord] {
        try await reading { try HistoryQuery.invocations(filter).all($0, InvocationRow.read) }
    }

    package func invocation(withID prefix: String) async throws -> InvocationDetail? {
        try await reading { database in
            let find = try PreparedStatement(
                database,
                """
                SELECT id, uid, environment, firstEvent, endEvent FROM invocation
                WHERE \(Prefix.condition("uid")) ORDER BY uid LIMIT 2
                """
            )
            find.bind(prefix)
            find.bind(prefix)
            let found = try find.all {
                (
                    id: $0.int64(), uid: $0.text(), environment: $0.optionalInt64(), firstEvent: $0.optionalInt64(),
                    endEvent: $0.optionalInt64()
                )
            }
            // A whole id is meant even where another starts with it.
            guard let row = found.first, found.count == 1 || row.uid == prefix else { return nil }
            let shared = try SharedValues(database)
            guard let invocation = try Self.invocation(row.id, database) else { return nil }
            var events: [LoopEvent] = []
            if let environment = row.environment, let first = row.firstEvent, let end = row.endEvent, first < end {
                events = try EventReader(database, shared).events(of: environment, first..<end, invocation: row.id)
            }
            var freezes: [FreezeSpan] = []
            if let environment = row.environment, let id = invocation.environment, let ordinal = invocation.ordinal {
                freezes = try FreezeRow.spans(
                    of: (environment, id),
                    following: ordinal - 1...ordinal,
                    most: Self.mostFreezes,
                    database
                )
            }
            return InvocationDetail(
                invocation: invocation,
                environment: try row.environment.flatMap { try Self.environment($0, database) },
                events: events,
                findings: try FindingRow(database, shared).findings(of: row.id, database),
                freezes: freezes
            )
        }
    }

    /// Shown with one invocation; there is more than one before an invocation and one after it only where somebody has
    /// thawed its environment for nothing.
    private static let mostFreezes = 20

    /// `outcome`, `isCold` and `rule` of the filter do not apply to loops.
    package func loops(matching filter: HistoryFilter, state: LoopFilter) async throws -> [LoopRecord] {
        try await reading { database in
            let shared = try SharedValues(database)
            let loops = try HistoryQuery.loops(filter, state: state).all(database) { try LoopRow.read($0, shared) }
            guard state == .all else { return loops }
            let brief = try HistoryQuery.briefLoops(filter).all(database) { try BriefLoopRow.read($0, shared) }
            return Self.newest(filter.limit, of: loops, and: brief)
        }
    }

    /// The first of two lists in the order of time, the newest first, as far as they are wanted.
    private static func newest(_ limit: Int, of left: [LoopRecord], and right: [LoopRecord]) -> [LoopRecord] {
        var (left, right) = (left[...], right[...])
        var merged: [LoopRecord] = []
        while merged.count < limit {
            guard let one = left.first else { return merged + right.prefix(limit - merged.count) }
            guard let other = right.first else { return merged + left.prefix(limit - merged.count) }
            merged.append(one.createdAt < other.createdAt ? right.removeFirst() : left.removeFirst())
        }
        return merged
    }

    package func findings(matching filter: HistoryFilter) async throws -> [FindingRecord] {
        try await reading { database in
            let rows = try FindingRow(database, SharedValues(database))
            return try HistoryQuery.findings(filter).all(database) { try rows.read($0).record }
        }
    }

    /// `outcome` and `isCold` of the filter do not apply to alerts.
    package func alerts(matching filter: HistoryFilter, states: Set<Alert.State>) async throws -> [Alert] {
        try await reading { try HistoryQuery.alerts(filter, states: states).all($0, AlertRow.read) }
    }

    package func totals() async throws -> HistoryTotals {
        try await reading { database in
            // What is in use: space that deleted history left is used again before the file grows.
            let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            let free = try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
            let pageSize = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0
            let statement = try PreparedStatement(
                database,
                """
                SELECT invocations, environments, loops, events, findings,
                    (SELECT count(*) FROM alert WHERE state = 'open' AND count > 0)
                FROM store
                """
            )
            let totals = try statement.first { row in
                HistoryTotals(
                    invocations: row.int(),
                    environments: row.int(),
                    loops: row.int(),
                    events: row.int(),
                    findings: row.int(),
                    openAlerts: row.int(),
                    databaseSize: (pages - free) * pageSize
                )
            }
            guard let totals else { throw StoreFailure.corrupt(reason: "the row of the table 'store' is gone") }
            return totals
        }
    }

    /// Reads on a connection that sees one state of the file throughout.
    func reading<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        let limit = options.longestRead
        do {
            return try await pool.read { database in
                try ReadLimit.until(.now + limit, on: database) { try body(database) }
            }
        } catch {
            throw StoreFailure.translating(error)
        }
    }

    static func invocation(_ id: Int64, _ database: Database) throws -> InvocationRecord? {
        let statement = try PreparedStatement(
            database,
            "SELECT \(InvocationRow.columns) FROM \(InvocationRow.source) WHERE invocation.id = ?"
        )
        statement.bind(id)
        return try statement.first(InvocationRow.read)
    }

    static func environment(_ id: Int64, _ database: Database) throws -> EnvironmentRecord? {
        let statement = try PreparedStatement(
            database,
            "SELECT \(EnvironmentRow.columns) FROM \(EnvironmentRow.source) WHERE environment.id = ?"
        )
        statement.bind(id)
        return try statement.first(EnvironmentRow.read)
    }
}
