import GRDB
import LoopModel
import Testing

@testable import LoopStore

@Suite("Freezes") struct FreezeSpanTests {
    private func span(after ordinal: Int?, at seconds: Int64, for time: Duration? = nil) -> FreezeSpan {
        var span = FreezeSpan(
            environment: EnvironmentID(rawValue: "e1"),
            following: ordinal,
            frozen: Instant(nanoseconds: seconds * 1_000_000_000),
            frozenAt: Samples.wall(seconds),
            processes: 3,
            means: .signal
        )
        if let time {
            span.thawed = span.frozen + time
            span.thawedAt = WallTime(nanoseconds: span.frozenAt.nanoseconds + time.nanoseconds)
        }
        return span
    }

    @Test("are told with the invocations before and after, and how long they were")
    func told() async throws {
        let temporary = try TemporaryStore()
        let first = span(after: 0, at: 10, for: .seconds(2)), second = span(after: 0, at: 20, for: .seconds(3))
        let third = span(after: 1, at: 30)
        let early = span(after: nil, at: 5, for: .seconds(1))
        try temporary.store.commit([
            .environmentStarted(Samples.environment()), .freeze(early),
            .invocationEnded(Samples.invocation("i1", ordinal: 0, at: 6)), .freeze(span(after: 0, at: 10)),
            .freeze(first), .freeze(second), .invocationEnded(Samples.invocation("i2", ordinal: 1, at: 25)),
            .freeze(third),
        ])
        // What failed is committed again as a whole.
        try temporary.store.commit([.freeze(first), .freeze(third)])
        let one = try #require(try await temporary.store.invocation(withID: "i1"))
        #expect(one.freezes == [early, first, second] && one.invocation.frozen == .seconds(1))
        let two = try #require(try await temporary.store.invocation(withID: "i2"))
        #expect(two.freezes == [first, second, third] && two.invocation.frozen == .seconds(5))
        #expect(two.freezes.last?.duration == nil)
        let listed = try await temporary.store.invocations(matching: HistoryFilter()).map(\.frozen)
        #expect(listed == [.seconds(5), .seconds(1)])
    }

    @Test("go with what they came after")
    func retention() async throws {
        let temporary = try TemporaryStore()
        var ended = Samples.environment()
        ended.endedAt = Samples.wall(60)
        try temporary.store.commit([
            .environmentStarted(Samples.environment()), .invocationEnded(Samples.invocation("i1", ordinal: 0, at: 6)),
            .freeze(span(after: 0, at: 10, for: .seconds(2))),
            .invocationEnded(Samples.invocation("i2", ordinal: 1, at: 25)),
            .freeze(span(after: 1, at: 30, for: .seconds(2))), .environmentUpdated(ended),
        ])
        func count() async throws -> Int? {
            try await temporary.store.pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM freezeSpan") }
        }
        while try temporary.store.prune(olderThan: Samples.wall(20), maximumRows: 10) > 0 {}
        #expect(try await count() == 1)
        while try temporary.store.prune(olderThan: Samples.wall(100), maximumRows: 10) > 0 {}
        #expect(try await count() == 0)
        #expect(try await temporary.store.totals().environments == 0)
        #expect(try temporary.store.integrityCheck().faults.isEmpty)
    }
}
