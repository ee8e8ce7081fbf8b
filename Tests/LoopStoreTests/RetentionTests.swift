import Foundation
import GRDB
import LoopModel
import Testing

@testable import LoopStore

@Suite("Deleting old history") struct RetentionTests {
    @Test("goes in small steps until only the young is left")
    func steps() async throws {
        let temporary = try TemporaryStore()
        var ended = Samples.environment("e1")
        ended.endedAt = Samples.wall(500)
        try temporary.store.commit(
            Samples.life(of: "e1", invocations: 30) + [
                .findings([Samples.finding(invocation: "e1-i1")], at: Samples.wall(1)), .environmentUpdated(ended),
            ] + Samples.life(of: "e2", invocations: 20)
        )
        var steps = 0
        while try temporary.store.prune(olderThan: Samples.wall(10), maximumRows: 25) > 0 { steps += 1 }
        #expect(steps > 5)
        var totals = try await temporary.store.totals()
        #expect(totals.invocations == 30 && totals.events == 240 && totals.findings == 0)
        #expect(totals.environments == 2)
        // Part of their history is gone, so they are not judged again.
        #expect(try temporary.store.replay { _ in [] }.skipped == 2)
        #expect(try await temporary.store.invocation(withID: "e1-i10")?.events.count == 8)
        while try temporary.store.prune(olderThan: Samples.wall(1000), maximumRows: 1000) > 0 {}
        totals = try await temporary.store.totals()
        #expect(totals.invocations == 0 && totals.events == 0 && totals.environments == 1)
        // Alerts outlive their findings.
        #expect(totals.openAlerts == 1)
        let counts = try await temporary.store.pool.read { database in
            try ["invocation", "eventBatch", "environment", "loop", "finding", "findingSite"].map {
                try Int.fetchOne(database, sql: "SELECT count(*) FROM \($0)")
            }
        }
        #expect(counts == [0, 0, 1, totals.loops, 0, 0])
        #expect(try temporary.store.integrityCheck().faults.isEmpty)
    }

    @Test("takes the loops with their invocations, and not after all of them")
    func together() async throws {
        let temporary = try TemporaryStore()
        try temporary.store.commit(Samples.life(of: "e1", invocations: 60))
        var totals = try await temporary.store.totals()
        while totals.invocations > 30 {
            #expect(try temporary.store.prune(olderThan: Samples.wall(1000), maximumRows: 100) > 0)
            totals = try await temporary.store.totals()
        }
        #expect(totals.invocations > 0 && totals.loops < 60)
    }

    @Test("keeps what still runs, and loops that nobody closed")
    func kept() async throws {
        let temporary = try TemporaryStore()
        try temporary.store.commit(
            Samples.life(of: "e1", invocations: 2, isClosed: false) + [
                .invocationStarted(Samples.invocation("running", ordinal: 2, outcome: nil))
            ]
        )
        while try temporary.store.prune(olderThan: Samples.wall(1_000_000), maximumRows: 100) > 0 {}
        let totals = try await temporary.store.totals()
        #expect(totals.invocations == 1 && totals.loops == 2 && totals.environments == 1)
        // A late finding about an invocation that is gone is still taken.
        try temporary.store.commit([.findings([Samples.finding(invocation: "e1-i0")], at: Samples.wall(3))])
        #expect(try await temporary.store.findings(matching: HistoryFilter()).map(\.finding.invocation) == [nil])
    }
}

@Suite("A full disk") struct FullDiskTests {
    /// Lets the file grow no further, as a quota would.
    private func limit(_ store: HistoryStore, toPages pages: Int?) throws {
        try store.pool.writeWithoutTransaction { database in
            let limit = try pages ?? Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            try database.execute(sql: "PRAGMA max_page_count = \(limit)")
        }
    }

    @Test("refuses the commit whole, leaves reading as it was, and is over when there is space")
    func full() async throws {
        let temporary = try TemporaryStore()
        try temporary.store.commit(Samples.life(of: "e1", invocations: 5))
        let before = try await temporary.store.totals()
        try limit(temporary.store, toPages: nil)
        let large = Samples.life(of: "e2", invocations: 400)
        for _ in 0..<3 {
            #expect(throws: StoreFailure.diskFull) { try temporary.store.commit(large) }
        }
        #expect(StoreFailure.diskFull.isTransient)
        #expect(try await temporary.store.totals() == before)
        try limit(temporary.store, toPages: 1 << 20)
        #expect(try temporary.store.commit(large).sequence == 2)
        #expect(try await temporary.store.invocation(withID: "e2-i399")?.events.count == 8)
        #expect(try temporary.store.integrityCheck().faults.isEmpty)
    }

    @Test("leaves room to delete old history, which makes room for new")
    func recovery() async throws {
        let temporary = try TemporaryStore()
        try temporary.store.commit(Samples.life(of: "e1", invocations: 300))
        try limit(temporary.store, toPages: nil)
        let next = Samples.life(of: "e2", invocations: 100)
        #expect(throws: StoreFailure.diskFull) { try temporary.store.commit(next) }
        while try temporary.store.prune(olderThan: Samples.wall(1000), maximumRows: 200) > 0 {}
        try temporary.store.commit(next)
        #expect(try await temporary.store.totals().events == 800)
    }

    @Test("finds a ballast that takes up real space, and laid down again after it was given up")
    func ballast() throws {
        let temporary = try TemporaryStore(ballastSize: 300_000)
        let path = temporary.path + ".ballast"
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect((attributes[.size] as? NSNumber)?.intValue == 300_000)
        #expect(temporary.store.ballast.giveUp())
        #expect(!temporary.store.ballast.giveUp())
        try temporary.store.checkpoint()
        #expect(FileManager.default.fileExists(atPath: path))
    }
}
