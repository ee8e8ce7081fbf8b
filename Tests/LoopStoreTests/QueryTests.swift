import GRDB
import LoopModel
import Testing

@testable import LoopStore

@Suite("Questions to the history") struct QueryTests {
    static let filters: [(name: String, filter: HistoryFilter)] = [
        ("none", HistoryFilter()),
        ("function", HistoryFilter(function: Samples.function)),
        ("error", HistoryFilter(outcome: .error)),
        ("ok", HistoryFilter(outcome: .ok)),
        ("cold", HistoryFilter(isCold: true)),
        ("warm", HistoryFilter(isCold: false)),
        ("since", HistoryFilter(since: Samples.wall(3))),
        ("until", HistoryFilter(until: Samples.wall(7))),
        ("range", HistoryFilter(since: Samples.wall(3), until: Samples.wall(7))),
        ("function and range", HistoryFilter(function: Samples.function, since: Samples.wall(3))),
        ("rule", HistoryFilter(rule: "leaked-loop")),
        ("function and error", HistoryFilter(function: Samples.function, outcome: .error)),
        ("few", HistoryFilter(limit: 3)),
    ]

    private static func invocations() -> [InvocationRecord] {
        (0..<12).map { number in
            Samples.invocation(
                "i\(number)",
                ordinal: number,
                outcome: number % 4 == 1 ? .error : .ok,
                function: number % 3 == 2 ? FunctionName(sanitizing: "other") : Samples.function,
                at: Int64(number)
            )
        }
    }

    private let temporary: TemporaryStore
    private var store: HistoryStore { temporary.store }

    init() throws {
        temporary = try TemporaryStore()
        try temporary.store.commit(
            [.environmentStarted(Samples.environment())] + Self.invocations().map { .invocationEnded($0) } + [
                .findings([Samples.finding(rule: "leaked-loop", invocation: "i4")], at: Samples.wall(4)),
                .findings([Samples.finding(invocation: "i5")], at: Samples.wall(5)),
            ]
        )
    }

    @Test("for invocations are answered as the filter says, the newest first", arguments: filters.indices)
    func invocations(_ index: Int) async throws {
        let filter = Self.filters[index].filter
        var expected = Array(Self.invocations().reversed())
        if let function = filter.function { expected.removeAll { $0.function != function } }
        if let outcome = filter.outcome { expected.removeAll { $0.outcome != outcome } }
        if let isCold = filter.isCold { expected.removeAll { $0.isCold != isCold } }
        if let since = filter.since { expected.removeAll { $0.requestedAt < since } }
        if let until = filter.until { expected.removeAll { $0.requestedAt >= until } }
        if filter.rule != nil { expected.removeAll { $0.id.rawValue != "i4" } }
        let found = try await store.invocations(matching: filter)
        #expect(found == Array(expected.prefix(filter.limit)), "\(Self.filters[index].name)")
    }

    @Test("for findings narrow by rule, function, time and the invocation's outcome")
    func findings() async throws {
        func count(_ filter: HistoryFilter) async throws -> Int { try await store.findings(matching: filter).count }
        #expect(try await count(HistoryFilter()) == 2)
        #expect(try await count(HistoryFilter(rule: "leaked-loop")) == 1)
        #expect(try await count(HistoryFilter(outcome: .error)) == 1)
        #expect(try await count(HistoryFilter(isCold: true)) == 0)
        #expect(try await count(HistoryFilter(since: Samples.wall(5))) == 1)
        #expect(try await count(HistoryFilter(function: FunctionName(sanitizing: "other"))) == 0)
    }

    @Test("for one invocation take an unambiguous beginning of its id")
    func prefix() async throws {
        #expect(try await store.invocation(withID: "i1")?.invocation.id.rawValue == "i1")
        #expect(try await store.invocation(withID: "i11")?.invocation.id.rawValue == "i11")
        #expect(try await store.invocation(withID: "i") == nil)
        #expect(try await store.invocation(withID: "") == nil)
        #expect(try await store.invocation(withID: "%") == nil)
        #expect(try await store.invocation(withID: "I1") == nil)
    }

    /// What the planner makes of a statement.
    private func plan(_ sql: String, of store: HistoryStore) throws -> String {
        // Parameters keep their places; the plan does not depend on them.
        try store.pool.read { database in
            let statement = try PreparedStatement(database, "EXPLAIN QUERY PLAN " + sql)
            return try statement.all { row in
                for _ in 0..<3 { _ = row.int64() }
                return row.text()
            }.joined(separator: "\n")
        }
    }

    @Test("walk an index: no table is searched as a whole, nothing is sorted", arguments: filters.indices)
    func plans(_ index: Int) throws {
        let (name, filter) = Self.filters[index]
        let questions =
            [HistoryQuery.invocations(filter), HistoryQuery.findings(filter), HistoryQuery.briefLoops(filter)]
            + LoopFilter.allCases.map { HistoryQuery.loops(filter, state: $0) }
        for question in questions {
            let plan = try plan(question.sql, of: store)
            #expect(!plan.contains("TEMP B-TREE"), "\(name): \(question.sql)\n\(plan)")
            for step in plan.split(separator: "\n") where step.hasPrefix("SCAN") {
                // In the order of an index, up to the limit.
                #expect(step.contains("USING INDEX"), "\(name): \(question.sql)\n\(plan)")
            }
        }
    }

    @Test("of all functions are in the order of time, whatever function a row is of", arguments: 0..<5 as Range<UInt64>)
    func merged(_ seed: UInt64) async throws {
        var numbers = SeededGenerator(seed: seed)
        let functions = (0..<7).map { FunctionName(sanitizing: "f\($0)") }
        var changes: [HistoryStore.Change] = []
        var expected: [(second: Int64, row: Int)] = []
        for (index, function) in functions.enumerated() {
            changes.append(.environmentStarted(Samples.environment("m\(index)", function: function)))
        }
        for row in 0..<200 {
            // Few moments, so that many are the same.
            let second = Int64.random(in: 20..<60, using: &numbers)
            let index = Int.random(in: 0..<functions.count - 1, using: &numbers)
            let record = Samples.invocation(
                "m\(row)",
                in: "m\(index)",
                ordinal: row,
                function: functions[index],
                at: second
            )
            changes.append(.invocationEnded(record))
            expected.append((second, row))
        }
        try store.commit(changes)
        expected.sort { ($0.second, $0.row) > ($1.second, $1.row) }
        for limit in [1, 7, 50, 200] {
            let filter = HistoryFilter(since: Samples.wall(20), limit: limit)
            let found = try await store.invocations(matching: filter).map(\.id.rawValue)
            #expect(found == expected.prefix(limit).map { "m\($0.row)" })
        }
        let lines = try await store.logs(matching: LogFilter(since: Samples.wall(20), limit: .max)).lines
        #expect(Set(lines.compactMap(\.invocation)).count == 200)
    }

    @Test("use the index that fits them")
    func fittingIndex() throws {
        let expected: [(HistoryQuery, String)] = [
            (.invocations(HistoryFilter()), "INDEX invocation_function (function=?)"),
            (.invocations(HistoryFilter(function: Samples.function)), "INDEX invocation_function (function=?)"),
            (.invocations(HistoryFilter(outcome: .timeout)), "INDEX invocation_failed (outcome=?)"),
            (.invocations(HistoryFilter(isCold: true)), "INDEX invocation_cold"),
            (
                .invocations(HistoryFilter(since: Samples.wall(1))),
                "INDEX invocation_function (function=? AND requestedAt>?)"
            ),
            (.loops(HistoryFilter(), state: .all), "INDEX loop_function (function=?)"),
            (.loops(HistoryFilter(), state: .open), "INDEX loop_open (function=?)"),
            (.loops(HistoryFilter(), state: .leaked), "INDEX loop_leaked (function=?)"),
            (.briefLoops(HistoryFilter()), "COVERING INDEX invocation_loop (function=? AND briefLoopAt>?)"),
            (
                .briefLoops(HistoryFilter(until: Samples.wall(1))),
                "COVERING INDEX invocation_loop (function=? AND briefLoopAt>? AND briefLoopAt<?)"
            ),
            (.findings(HistoryFilter()), "SCAN finding USING INDEX finding_at"),
            (.findings(HistoryFilter(rule: "x")), "INDEX finding_rule (rule=?)"),
        ]
        for (question, index) in expected {
            let plan = try plan(question.sql, of: store)
            #expect(plan.contains(index), "\(question.sql)\n\(plan)")
        }
        let prefix = try plan(
            "SELECT id FROM invocation WHERE \(Prefix.condition("uid")) ORDER BY uid LIMIT 2",
            of: store
        )
        #expect(prefix.contains("(uid>? AND uid<?)") && !prefix.contains("TEMP B-TREE"))
        let events = try plan(
            "SELECT \(EventRow.columns) FROM loopEvent WHERE environment = ? AND sequence >= ? AND sequence < ? ORDER BY sequence",
            of: store
        )
        #expect(events.contains("USING PRIMARY KEY (environment=? AND sequence>? AND sequence<?)"))
        #expect(!events.contains("TEMP B-TREE"))
    }
}
