import LoopModel
import LoopStore
import Testing

@Suite("The queue of events")
struct QueueTests {
    private func event(_ id: String, dueAt: Int64 = 0) throws -> QueuedEvent {
        var event = QueuedEvent(
            id: InvocationID(rawValue: id),
            function: try #require(FunctionName(rawValue: "orders")),
            payload: #"{"name": "ä"}"#,
            clientContext: "{}",
            requestedAt: WallTime(nanoseconds: 7)
        )
        event.dueAt = WallTime(nanoseconds: dueAt)
        return event
    }

    @Test("gives back what it was given, what is due first coming first")
    func order() async throws {
        let temporary = try TemporaryStore()
        let events = [try event("late", dueAt: 2), try event("soon", dueAt: 1), try event("later", dueAt: 2)]
        for event in events { try temporary.store.enqueue(event) }
        #expect(try await temporary.store.queuedEvents(limit: 10) == [events[1], events[0], events[2]])
        #expect(try await temporary.store.queuedEvents(limit: 1) == [events[1]])
        #expect(try await temporary.store.queueBacklog().count == 3)
    }

    @Test("notes tries, and forgets what is done")
    func changes() async throws {
        let temporary = try TemporaryStore()
        var first = try event("first")
        try temporary.store.enqueue(first)
        try temporary.store.enqueue(event("second", dueAt: 1))
        (first.tries, first.dueAt) = (1, WallTime(nanoseconds: 60))
        try temporary.store.postpone(first)
        try temporary.store.dequeue(InvocationID(rawValue: "second"))
        try temporary.store.dequeue(InvocationID(rawValue: "second"))
        #expect(try await temporary.store.queuedEvents(limit: 10) == [first])
    }

    @Test("takes a request once")
    func twice() throws {
        let temporary = try TemporaryStore()
        try temporary.store.enqueue(event("same"))
        #expect(throws: StoreFailure.self) { try temporary.store.enqueue(event("same")) }
    }
}
