import Foundation
import GRDB
import LoopModel
import Testing

@testable import LoopStore

@Suite("Packed events") struct PackedEventTests {
    private let environment = EnvironmentID(rawValue: "e1")
    private let invocation = InvocationID(rawValue: "i1")

    private func count(_ table: String, _ temporary: TemporaryStore) async throws -> Int {
        try await temporary.store.pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") ?? 0 }
    }

    @Test("of an invocation are in its row, in a few bytes each")
    func size() async throws {
        let temporary = try TemporaryStore()
        try temporary.store.commit(Samples.life(of: "e1", invocations: 100))
        #expect(try await temporary.store.totals().events == 800)
        #expect(try await count("eventBatch", temporary) == 0)
        #expect(try await count("loopEvent", temporary) == 0)
        let bytes = try await temporary.store.pool.read {
            try Int.fetchOne($0, sql: "SELECT sum(length(events)) FROM invocation")
        }
        #expect(try #require(bytes) < 800 * 10)
    }

    @Test("of an invocation whose begin was committed before are in its row too")
    func slow() async throws {
        let temporary = try TemporaryStore()
        let events = Samples.events(from: 0, loop: 1, ordinal: 0)
        try temporary.store.commit([
            .environmentStarted(Samples.environment()), .invocationStarted(Samples.invocation("i1", outcome: nil)),
        ])
        let end: [HistoryStore.Change] = [
            .invocationEnded(Samples.invocation("i1")), .events(environment, invocation: invocation, events),
        ]
        for _ in 0..<2 {
            try temporary.store.commit(end)
            #expect(try await temporary.store.invocation(withID: "i1")?.events == events)
            #expect(try await temporary.store.totals().events == 8)
            #expect(try await count("eventBatch", temporary) == 0)
        }
    }

    @Test("with holes, in another order and told twice come back once each, in order")
    func holes() async throws {
        let temporary = try TemporaryStore()
        let events = Samples.events(from: 10, loop: 1, ordinal: 0)
        let told = [events[6], events[7], events[0], events[1], events[4]]
        let changes: [HistoryStore.Change] = [
            .environmentStarted(Samples.environment()), .invocationEnded(Samples.invocation("i1")),
            .events(environment, invocation: nil, told),
        ]
        for _ in 0..<2 {
            try temporary.store.commit(changes)
            #expect(try await temporary.store.totals().events == 5)
        }
        try temporary.store.commit([.events(environment, invocation: nil, events)])
        #expect(try await temporary.store.totals().events == 8)
        var replayed: [LoopEvent] = []
        _ = try temporary.store.replay { environment in
            try environment.forEachSegment { replayed += $0.events }
            return []
        }
        #expect(replayed == events)
    }

    @Test("stand beside the rows of older versions, which are read, judged again and deleted as before")
    func olderRows() async throws {
        let temporary = try TemporaryStore()
        try temporary.store.commit(Samples.life(of: "e1", invocations: 2))
        let before = try #require(await temporary.store.invocation(withID: "e1-i1")?.events)
        try await temporary.store.pool.write { database in
            let site = try Int64.fetchOne(database, sql: "SELECT max(id) FROM site")
            try database.execute(sql: "UPDATE invocation SET events = NULL WHERE uid = 'e1-i1'")
            for event in before {
                try database.execute(
                    sql: "INSERT INTO loopEvent VALUES (1, ?, ?, ?, ?, 1, 1, 1, NULL, ?, ?, ?, ?)",
                    arguments: [
                        event.sequence, event.at.nanoseconds, Int(event.kind.number), Int(event.flags.rawValue),
                        event.loop.map { Int64($0.rawValue) }, event.site == nil ? nil : site,
                        event.detail == nil
                            ? nil
                            : try Int64.fetchOne(
                                database,
                                sql: "SELECT id FROM name WHERE text = ?",
                                arguments: [event.detail]
                            ),
                        event.value,
                    ]
                )
            }
        }
        #expect(try await temporary.store.invocation(withID: "e1-i1")?.events == before)
        var replayed: [Int] = []
        _ = try temporary.store.replay { environment in
            try environment.forEachSegment { replayed.append($0.events.count) }
            return []
        }
        #expect(replayed == [8, 8])
        while try temporary.store.prune(olderThan: Samples.wall(1000), maximumRows: 100) > 0 {}
        #expect(try await temporary.store.totals().events == 0)
        #expect(try await count("loopEvent", temporary) == 0)
    }

    @Test("that are damaged are said to be, whatever the damage", arguments: 0..<40 as Range<UInt64>)
    func damage(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let temporary = try TemporaryStore()
        try temporary.store.commit(Samples.life(of: "e1", invocations: 1))
        var bytes = try await temporary.store.pool.read {
            [UInt8](try Data.fetchOne($0, sql: "SELECT events FROM invocation") ?? Data())
        }
        let whole = bytes
        for _ in 0..<4 {
            bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
        }
        let damaged = [UInt8](bytes.dropLast(Int.random(in: 0..<bytes.count, using: &generator)))
        try await temporary.store.pool.read { database in
            let shared = try SharedValues(database)
            #expect(try PackedEvents.events(in: whole, shared).count == 8)
            // No trap, and no memory that is not there; what is read may be wrong.
            do { #expect(try PackedEvents.events(in: damaged, shared).count <= damaged.count) } catch is StoreFailure {}
        }
        #expect(throws: StoreFailure.self) { try PackedEvents.range(in: []) }
        #expect(throws: StoreFailure.self) { try PackedEvents.range(in: [UInt8](repeating: 255, count: 20)) }
    }

    @Test("leave few pages to write in a commit of one invocation")
    func pages() throws {
        let temporary = try TemporaryStore()
        let life = Samples.life(of: "e1", invocations: 201)
        try temporary.store.commit(Array(life.prefix(5)))
        try temporary.store.checkpoint()
        let before = try frames(temporary.store)
        // Each has four changes: begin, end, events, loops.
        for start in stride(from: 5, to: life.count, by: 4) {
            try temporary.store.commit(Array(life[start..<start + 4]))
        }
        let pages = Double(try frames(temporary.store) - before) / 200
        #expect((1...8).contains(pages), "\(pages) pages a commit")
    }

    private func frames(_ store: HistoryStore) throws -> Int {
        try store.checkpointer.writeWithoutTransaction { try $0.checkpoint(.passive).walFrameCount }
    }
}
