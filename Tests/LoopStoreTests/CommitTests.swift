import GRDB
import LoopModel
import Testing

@testable import LoopStore

@Suite("A commit") struct CommitTests {
    @Test("has the number after the one before it, restarts included")
    func sequence() throws {
        let temporary = try TemporaryStore()
        #expect(try temporary.store.commit([.environmentStarted(Samples.environment())]).sequence == 1)
        #expect(try temporary.store.commit([]).sequence == 2)
        try temporary.reopen()
        #expect(try temporary.store.commit([]).sequence == 3)
    }

    @Test("stores functions, environments and invocations as they were told last")
    func records() async throws {
        let temporary = try TemporaryStore()
        var function = FunctionConfiguration(
            name: Samples.function,
            root: "/p",
            source: "/p/plugin.yaml",
            handler: "a.b"
        )
        function.environment = ["TOKEN": "secret-value"]
        var environment = Samples.environment()
        var invocation = Samples.invocation("i1", outcome: nil)
        try temporary.store.commit([
            .function(function, at: Samples.wall(0)), .environmentStarted(environment), .invocationStarted(invocation),
        ])
        #expect(try await temporary.store.invocation(withID: "i1")?.invocation == invocation)

        environment.pythonVersion = "3.11.7"
        environment.processID = 4242
        environment.descriptorLimit = 1024
        environment.descriptorsAtReady = 9
        environment.disabledHooks = ["slot: TypeError: a\nb", "", "back\\slash"]
        environment.endedAt = Samples.wall(60)
        environment.end = "signal 9"
        invocation.outcome = .error
        invocation.errorType = "RuntimeError"
        invocation.errorMessage = "Event loop is closed"
        invocation.stackTrace = "one\ntwo"
        invocation.queued = .microseconds(70)
        invocation.initialization = .milliseconds(41)
        invocation.duration = .nanoseconds(1_234_567)
        invocation.requestSize = 2
        invocation.responseSize = 118
        invocation.logTail = "said\u{0}it 🧵"
        invocation.peakMemory = 134_217_728
        invocation.exceededMemory = 134_217_728
        try temporary.store.commit([.invocationEnded(invocation), .environmentUpdated(environment)])
        let detail = try #require(await temporary.store.invocation(withID: "i1"))
        #expect(detail.invocation == invocation)
        #expect(detail.environment == environment)
        let totals = try await temporary.store.totals()
        #expect(totals.invocations == 1 && totals.environments == 1)
        // What may be secret is not in the file.
        let names = try await temporary.store.pool.read {
            try String.fetchAll($0, sql: "SELECT environmentNames FROM function")
        }
        #expect(names == ["TOKEN"])
    }

    @Test("that is made again changes nothing")
    func idempotence() async throws {
        let temporary = try TemporaryStore()
        let changes =
            Samples.life(of: "e1", invocations: 3)
            + [.findings([Samples.finding(invocation: "e1-i1")], at: Samples.wall(9))]
        try temporary.store.commit(changes)
        let before = try await temporary.store.totals()
        let result = try temporary.store.commit(changes)
        #expect(try await temporary.store.totals() == before)
        #expect(result.alerts.isEmpty)
        #expect(before.events == 24 && before.loops == 3 && before.invocations == 3 && before.findings == 1)
    }

    @Test("that fails leaves no trace, in the file or in the memory of what is there")
    func rollback() async throws {
        let temporary = try TemporaryStore()
        let poison = HistoryStore.Change.events(EnvironmentID(rawValue: "nobody"), invocation: nil, [])
        let changes =
            Samples.life(of: "e1", invocations: 2)
            + [.findings([Samples.finding(invocation: "e1-i1")], at: Samples.wall(9))]
        #expect(throws: StoreFailure.self) { try temporary.store.commit(changes + [poison]) }
        #expect(try await temporary.store.totals().events == 0)
        // The same names, sites, functions and environments again: ids remembered from the failed commit would point
        // to nothing, which the foreign keys would refuse.
        #expect(try temporary.store.commit(changes).sequence == 1)
        #expect(try await temporary.store.totals().events == 16)
        #expect(try await temporary.store.invocation(withID: "e1-i1")?.events.count == 8)
        #expect(try temporary.store.integrityCheck().faults.isEmpty)
    }

    @Test("of a group's begin and end makes one row; an end without a begin too")
    func coalescing() async throws {
        let temporary = try TemporaryStore()
        try temporary.store.commit([
            .environmentStarted(Samples.environment()), .invocationStarted(Samples.invocation("i1", outcome: nil)),
            .invocationEnded(Samples.invocation("i1")), .invocationEnded(Samples.invocation("i2", ordinal: 1)),
            .invocationEnded(Samples.invocation("r1", in: nil, ordinal: nil, outcome: .rejected)),
        ])
        #expect(try await temporary.store.totals().invocations == 3)
        let all = try await temporary.store.invocations(matching: HistoryFilter())
        #expect(Set(all.map(\.outcome)) == [.ok, .rejected])
    }

    @Test("fails as busy while another process holds the lock, and works afterwards")
    func busy() throws {
        let temporary = try TemporaryStore()
        temporary.options.busyTimeout = .zero
        try temporary.reopen()
        let other = try DatabaseQueue(path: temporary.path)
        try other.writeWithoutTransaction { database in
            try database.execute(sql: "BEGIN IMMEDIATE")
            for _ in 0..<2 { #expect(throws: StoreFailure.busy) { try temporary.store.commit([]) } }
            try database.execute(sql: "ROLLBACK")
        }
        #expect(try temporary.store.commit([]).sequence == 1)
    }

    @Test("fails as closed after the store was closed, and closing twice is no failure")
    func closed() async throws {
        let temporary = try TemporaryStore()
        try temporary.store.close()
        try temporary.store.close()
        #expect(throws: StoreFailure.closed) { try temporary.store.commit([]) }
        await #expect(throws: StoreFailure.closed) { try await temporary.store.totals() }
        #expect(throws: StoreFailure.closed) { try temporary.store.checkpoint() }
    }

    @Test("waits for the disk if power may fail, and not otherwise", arguments: StoreOptions.Durability.allCases)
    func durability(_ durability: StoreOptions.Durability) throws {
        let temporary = try TemporaryStore(durability: durability)
        let settings = try temporary.store.pool.writeWithoutTransaction { database in
            try ["secure_delete", "wal_autocheckpoint", "foreign_keys", "journal_size_limit"].map {
                try Int.fetchOne(database, sql: "PRAGMA \($0)")
            }
        }
        #expect(settings == [2, 0, 1, 16 << 20])
        // The first commit begins a log, which is synced for its own sake.
        try temporary.store.commit(Samples.life(of: "e1", invocations: 1))
        let (writes, syncs) = calls(temporary.store)
        for second in 0..<20 as Range<Int64> {
            try temporary.store.commit([.function(Self.plain, at: Samples.wall(second))])
        }
        #expect(calls(temporary.store).writes == writes + 20)
        #expect(calls(temporary.store).syncs == syncs + (durability == .power ? 20 : 0))
        let journal = try temporary.store.pool.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") }
        #expect(journal == "wal")
    }

    private static let plain = FunctionConfiguration(
        name: Samples.function,
        root: "/p",
        source: "/p/plugin.yaml",
        handler: "a.b"
    )

    /// How often the log was written, and how often the disk waited for.
    private func calls(_ store: HistoryStore) -> (writes: Int, syncs: Int) {
        store.pool.writeWithoutTransaction { _ in (store.log?.writes ?? 0, store.log?.syncs ?? 0) }
    }

    @Test("of any size is seen whole by readers, and found whole after a death")
    func sizes() async throws {
        let temporary = try TemporaryStore()
        // So small that large commits are written to the log in part before they are complete, and read back.
        try await temporary.store.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA cache_size = 20") }
        var expected = 0
        for (index, size) in [1, 400, 2, 3000, 1, 30].enumerated() {
            try temporary.store.commit(Samples.life(of: "e\(index)", invocations: size))
            expected += size
            #expect(try await temporary.store.totals().invocations == expected)
            #expect(try await temporary.store.invocation(withID: "e\(index)-i\(size - 1)")?.events.count == 8)
            if index == 3 { try temporary.store.checkpoint() }
        }
        let (survivor, report) = try temporary.reopenAfterDeath()
        #expect(try await survivor.totals().invocations == expected && report.missingCommits == 0)
        #expect(try survivor.integrityCheck().faults.isEmpty)
        try survivor.close()
    }
}
