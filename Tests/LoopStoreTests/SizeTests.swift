import LoopModel
import Testing

@testable import LoopStore

@Suite("The size of the history") struct SizeTests {
    /// What an invocation with one loop and eight events may take up, indexes and half-filled pages included, in bytes.
    private static let bound = 330

    /// What `count` invocations take up each, one a commit as in a quiet service.
    private func size(of count: Int, output: String = "") async throws -> Int {
        let temporary = try TemporaryStore()
        let empty = try await temporary.store.totals().databaseSize
        let environment = EnvironmentID.random()
        try temporary.store.commit([.environmentStarted(Samples.environment(environment.rawValue))])
        for ordinal in 0..<count {
            let id = InvocationID.random()
            var record = Samples.invocation(
                id.rawValue,
                in: environment.rawValue,
                ordinal: ordinal,
                at: Int64(ordinal)
            )
            record.logTail = output
            let events = Samples.events(from: Int64(ordinal * 8), loop: UInt32(ordinal + 1), ordinal: ordinal)
            try temporary.store.commit([
                .invocationEnded(record), .events(environment, invocation: id, events),
                .loops(environment, Samples.loops(after: events)),
            ])
        }
        return (try await temporary.store.totals().databaseSize - empty) / count
    }

    @Test("is bounded for each invocation")
    func perInvocation() async throws {
        let size = try await size(of: 1500)
        #expect(size <= Self.bound, "\(size) bytes an invocation")
        // What is measured is what is stored: a text that nobody shares is not free.
        let more = try await self.size(of: 300, output: String(repeating: "o", count: 600))
        #expect(more >= size + 500, "\(more) bytes an invocation")
    }

    @Test("does not grow while as much is deleted as is stored")
    func steady() async throws {
        let temporary = try TemporaryStore()
        var sizes: [Int] = []
        for round in 0..<6 {
            var changes = Samples.life(of: "e\(round)", invocations: 200)
            var ended = Samples.environment("e\(round)")
            ended.endedAt = Samples.wall(300)
            changes.append(.environmentUpdated(ended))
            try temporary.store.commit(changes)
            try temporary.store.checkpoint()
            sizes.append(FileSize.of(temporary.path))
            while try temporary.store.prune(olderThan: Samples.wall(1000), maximumRows: 100) > 0 {}
        }
        // Pages that deleting has left are used again.
        #expect(sizes[5] <= sizes[1] + 8 * Opening.pageSize, "\(sizes)")
        #expect(try await temporary.store.totals().invocations == 0)
    }
}
