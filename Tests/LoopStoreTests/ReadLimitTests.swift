import LoopModel
import Testing

@testable import LoopStore

@Suite("What takes too long to read") struct ReadLimitTests {
    private func store(longestRead: Duration) throws -> TemporaryStore {
        let temporary = try TemporaryStore()
        temporary.options.longestRead = longestRead
        try temporary.reopen()
        try temporary.store.commit(Samples.life(of: "e1", invocations: 1500))
        return temporary
    }

    @Test("is given up with advice, and the next question is answered")
    func givenUp() async throws {
        let temporary = try store(longestRead: .zero)
        let failure = await #expect(throws: StoreFailure.self) {
            try await temporary.store.invocations(matching: HistoryFilter(limit: .max))
        }
        #expect(failure == .tooLong && "\(failure ?? .closed)".contains("--since"))
        #expect(try await temporary.store.invocations(matching: HistoryFilter(limit: 1)).count == 1)
        #expect(try temporary.store.commit([]).sequence == 2)
    }

    @Test("is answered where there is time")
    func answered() async throws {
        let temporary = try store(longestRead: .seconds(60))
        #expect(try await temporary.store.invocations(matching: HistoryFilter(limit: .max)).count == 1500)
    }

    @Test("of a check of the whole file is left, and said")
    func check() throws {
        let temporary = try store(longestRead: .seconds(60))
        #expect(try temporary.store.integrityCheck(within: .zero).unchecked.contains("invocation"))
        #expect(try temporary.store.integrityCheck() == HistoryStore.Integrity())
    }
}
