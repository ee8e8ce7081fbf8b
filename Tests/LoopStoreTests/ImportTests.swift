import GRDB
import LoopModel
import Testing

@testable import LoopStore

@Suite("Imports") struct ImportTests {
    private func environment(_ id: String, start: StartMode = .spawn) -> HistoryStore.Change {
        var record = Samples.environment(id)
        record.start = start
        return .environmentStarted(record)
    }

    private func report(_ names: String..., for time: Duration? = .milliseconds(80)) -> ImportReport {
        ImportReport(
            initialization: time,
            total: .milliseconds(60),
            modules: names.map {
                ModuleImport(name: $0, time: .milliseconds(50), ownTime: .microseconds(1500), traits: [.leavesThread])
            }
        )
    }

    @Test("are told of a function's latest cold starts, with what the first invocation adds")
    func told() async throws {
        let temporary = try TemporaryStore()
        var refused = report("grpc")
        refused.refusal = "grpc starts a thread when it is imported"
        let late = ImportReport(
            total: .milliseconds(3),
            modules: [ModuleImport(name: "late", time: .milliseconds(3), ownTime: .milliseconds(3), traits: .late)]
        )
        try temporary.store.commit([
            environment("e1"), .imports(EnvironmentID(rawValue: "e1"), refused),
            environment("e2"), environment("e3", start: .fork),
            .imports(EnvironmentID(rawValue: "e3"), report("boto3", "a b\n\\c")),
        ])
        try temporary.store.commit([.imports(EnvironmentID(rawValue: "e3"), late)])
        let history = try await temporary.store.imports(of: Samples.function, latest: 9)
        #expect(history.refusals == ["grpc starts a thread when it is imported"])
        #expect(history.coldStarts.map(\.environment.rawValue) == ["e3", "e1"])
        let latest = try #require(history.coldStarts.first)
        #expect(latest.start == StartMode.fork)
        #expect(latest.initialization == Duration.milliseconds(80))
        #expect(latest.importing == Duration.milliseconds(60))
        #expect(latest.startedAt == Samples.wall(0))
        let modules = report("boto3", "a b\n\\c").modules + late.modules
        #expect(latest.modules == modules)
        #expect(try await temporary.store.imports(of: Samples.function, latest: 1).coldStarts.count == 1)
        let other = try await temporary.store.imports(of: FunctionName(sanitizing: "other"), latest: 9)
        #expect(other == ImportHistory())
    }

    @Test("are bounded, and find their rows by an index")
    func bounded() async throws {
        let temporary = try TemporaryStore()
        var many = report()
        many.modules = (0..<100).map {
            ModuleImport(name: "m\($0)", time: .milliseconds(1), ownTime: .milliseconds(1))
        }
        try temporary.store.commit([environment("e1"), .imports(EnvironmentID(rawValue: "e1"), many)])
        let history = try await temporary.store.imports(of: Samples.function, latest: 9)
        #expect(history.coldStarts.first?.modules.count == ImportLines.most)
        let plan = try await temporary.store.pool.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    EXPLAIN QUERY PLAN SELECT uid FROM environment
                    WHERE function = 1 AND initialization IS NOT NULL ORDER BY id DESC LIMIT 20
                    """
            ).map { $0["detail"] as String? ?? "" }
        }
        #expect(plan.allSatisfy { $0.contains("environment_imports") }, "\(plan)")
    }

    @Test("go with their environments")
    func retention() async throws {
        let temporary = try TemporaryStore()
        var ended = Samples.environment("e1")
        ended.endedAt = Samples.wall(60)
        try temporary.store.commit([
            environment("e1"), .imports(EnvironmentID(rawValue: "e1"), report("boto3")), .environmentUpdated(ended),
        ])
        #expect(try await temporary.store.imports(of: Samples.function, latest: 9).coldStarts.count == 1)
        while try temporary.store.prune(olderThan: Samples.wall(100), maximumRows: 10) > 0 {}
        #expect(try await temporary.store.imports(of: Samples.function, latest: 9) == ImportHistory())
        #expect(try temporary.store.integrityCheck().faults.isEmpty)
    }
}
