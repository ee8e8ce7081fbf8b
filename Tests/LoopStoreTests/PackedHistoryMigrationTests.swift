import Foundation
import GRDB
import LoopModel
import Testing

@testable import LoopStore

@Suite("A history of version 11, in which every loop has a row") struct PackedHistoryMigrationTests {
    private let folder: TemporaryStore
    private let path: String
    private let events = Samples.events(from: 0, loop: 1, ordinal: 0)

    /// Written by statements of that version only: an environment that still lives, and an invocation with a loop.
    init() throws {
        folder = try TemporaryStore()
        path = folder.folder + "/old.db"
        var configuration = Configuration()
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA page_size = \(Opening.pageSize)") }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        var packed = PackedEvents(0..<8)
        for event in events {
            packed.append(event, threadName: nil, site: event.site.map { _ in 1 }, detail: event.detail.map { _ in 1 })
        }
        try queue.write { database in
            for migration in allMigrations where migration.version <= 11 { try database.execute(sql: migration.sql) }
            try database.execute(
                sql: """
                    PRAGMA user_version = 11;
                    PRAGMA application_id = \(FileInspection.applicationID);
                    INSERT INTO store VALUES (1, 'cafe', 7, 1, 1, 1, 8, 0);
                    INSERT INTO name VALUES (1, 'asyncio.unix_events._UnixSelectorEventLoop'), (2, 'handler.py'),
                        (3, 'handler'), (4, '/usr/lib/python3.11/asyncio/runners.py'), (5, 'run');
                    INSERT INTO site VALUES (1, 2, 7, 3, 1, 4, 190, 5);
                    INSERT INTO function (id, name) VALUES (1, 'orders');
                    INSERT INTO environment (id, uid, function, host, loop, start, cause, startedAt, pythonVersion,
                        processID, descriptorLimit, descriptorsAtReady, disabledHooks)
                    VALUES (1, 'e1', 1, 'per-invocation', 'asyncio', 'spawn', 'first', 5, '3.11.7', 1, 2, 3, '');
                    INSERT INTO loop (environment, serial, function, createdAt, className, descriptors, createdBy, runs,
                        isRunning, closedBy, usesAfterClose, wasRunningAtEnd, isHeldByGlobal, createdMonotonic,
                        createdPhase, createdOrdinal, createdFollowing, createdThread, createdSite, closedMonotonic,
                        closedPhase, closedOrdinal, closedFollowing, closedThread, closedSite)
                    VALUES (1, 1, 1, 77, 1, 3, 0, 1, 0, 0, 0, 0, 0, 4000010000, 1, 0, 0, 1, 1, 4000060000, 1, 0, 0, 1, 1);
                    """
            )
            try database.execute(
                sql: """
                    INSERT INTO invocation (id, uid, function, environment, ordinal, isCold, outcome, requestedAt, queued,
                        duration, requestSize, responseSize, logTail, firstEvent, endEvent, events)
                    VALUES (1, 'i0', 1, 1, 0, 1, 'ok', 70, 1, 2, 3, 4, '', 0, 8, ?)
                    """,
                arguments: [Data(packed.bytes)]
            )
        }
        try queue.close()
    }

    @Test("keeps its rows, and goes on without")
    func content() async throws {
        let (store, report) = try HistoryStore.open(at: path, options: folder.options)
        #expect(report.migrations.first == "briefLoops")
        let old = try #require(await store.loops(matching: HistoryFilter(), state: .all).first)
        #expect(old.createdAt == WallTime(nanoseconds: 77) && old.state.runs == 1)
        #expect(try await store.invocation(withID: "i0")?.events == events)
        let environment = EnvironmentID(rawValue: "e1")
        let next = Samples.events(from: 8, loop: 2, ordinal: 1)
        var changed = old.state
        changed.usesAfterClose = 2
        try store.commit([
            .environmentUpdated(Samples.environment()), .invocationEnded(Samples.invocation("i1", ordinal: 1)),
            .events(environment, invocation: InvocationID(rawValue: "i1"), next),
            .loops(environment, [changed] + Samples.loops(after: next)),
        ])
        let loops = try await store.loops(matching: HistoryFilter(), state: .all)
        #expect(loops.map(\.state) == Samples.loops(after: next) + [changed])
        #expect(loops.last?.createdAt == old.createdAt)
        let rows = try await store.pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM loop") }
        #expect(rows == 1)
        #expect(try await store.totals().loops == 2)
        #expect(try store.integrityCheck() == HistoryStore.Integrity())
        while try store.prune(olderThan: Samples.wall(1000), maximumRows: 100) > 0 {}
        #expect(try await store.totals().loops == 0)
        try store.close()
    }
}
