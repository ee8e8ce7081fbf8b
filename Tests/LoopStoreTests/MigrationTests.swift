import Foundation
import GRDB
import LoopModel
import Testing

@testable import LoopStore

@Suite("A history of version 8, as of before it was packed") struct MigrationTests {
    private let folder: TemporaryStore
    private let path: String
    private static let invocations = 2000

    /// Written by statements of that version only: one environment of two functions each, with a loop and three events
    /// for every invocation; every tenth loop is open and leaked, and found to be.
    init() throws {
        folder = try TemporaryStore()
        path = folder.folder + "/old.db"
        var configuration = Configuration()
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA page_size = \(Opening.pageSize)") }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.write { database in
            for migration in allMigrations where migration.version <= 8 {
                try database.execute(sql: migration.sql)
            }
            try database.execute(
                sql: """
                    PRAGMA user_version = 8;
                    PRAGMA application_id = \(FileInspection.applicationID);
                    INSERT INTO store VALUES (1, 'cafe', 7, \(Self.invocations), 2, \(Self.invocations),
                        \(3 * Self.invocations), \(Self.invocations / 10));
                    INSERT INTO name VALUES (1, 'MainThread'), (2, 'Loop'), (3, 'handler.py'), (4, 'handler'), (5, 'advice');
                    INSERT INTO site VALUES (1, 3, 12, 4, 1, NULL, NULL, NULL);
                    INSERT INTO function (id, name) VALUES (1, 'orders'), (2, 'bills');
                    INSERT INTO environment (id, uid, function, host, loop, start, cause, startedAt, pythonVersion,
                        processID, descriptorLimit, descriptorsAtReady, disabledHooks, endedAt, endReason)
                    VALUES (1, 'e1', 1, 'per-invocation', 'asyncio', 'spawn', 'first', 5, '3.11.7', 1, 2, 3, '', 9, 'x'),
                        (2, 'e2', 2, 'per-invocation', 'asyncio', 'spawn', 'first', 5, '3.11.7', 1, 2, 3, '', 9, 'x');
                    INSERT INTO alert VALUES (1, 'f00', 'leaked-loop', 1, 'handler.py', 12, 'handler', 'error', 'm', 'a',
                        \(Self.invocations / 10), 1, 2, 'open');
                    """
            )
            for number in 0..<Self.invocations { try Self.write(number, database) }
        }
        try queue.close()
    }

    private static func write(_ number: Int, _ database: Database) throws {
        let (environment, ordinal, row) = (number % 2 + 1, number / 2, number + 1)
        let first = ordinal * 3
        let isLeaked = number % 10 == 0
        try database.execute(
            sql: """
                INSERT INTO invocation (id, uid, function, environment, ordinal, isCold, outcome, requestedAt, queued,
                    duration, requestSize, responseSize, logTail, firstEvent, endEvent)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, 2, 3, 4, 'printed', ?, ?)
                """,
            arguments: [
                row, "i\(number)", environment, environment, ordinal, ordinal == 0, number % 7 == 0 ? "error" : "ok",
                time(number).nanoseconds, first, first + 3,
            ]
        )
        for (index, kind) in [13, 1, 14].enumerated() {
            try database.execute(
                sql: "INSERT INTO loopEvent VALUES (?, ?, ?, ?, 0, 1, ?, 1, 1, ?, 1, ?, ?)",
                arguments: [
                    environment, first + index, number * 10 + index, kind, ordinal, row, kind == 1 ? 2 : nil, number,
                ]
            )
        }
        try database.execute(
            sql: """
                INSERT INTO loop (environment, serial, function, createdAt, isLeaked, className, descriptors, createdBy,
                    runs, isRunning, closedBy, usesAfterClose, wasRunningAtEnd, isHeldByGlobal, createdMonotonic,
                    createdPhase, createdOrdinal, createdThread, createdSite, closedMonotonic)
                VALUES (?, ?, ?, ?, ?, 2, 3, 0, 1, 0, 0, 0, 0, 0, ?, 1, ?, 1, 1, ?)
                """,
            arguments: [
                environment, row, environment, time(number).nanoseconds, isLeaked, number, ordinal,
                isLeaked ? nil : number + 1,
            ]
        )
        guard isLeaked else { return }
        try database.execute(
            sql: "INSERT INTO finding VALUES (?, 1, ?, ?, ?, ?, 'leaked-loop', 'LW101', 'error', 'm', 5, ?)",
            arguments: [row, environment, row, ordinal, environment, time(number).nanoseconds]
        )
    }

    private static func time(_ number: Int) -> WallTime { WallTime(nanoseconds: Int64(1000 + number * 100)) }

    @Test("is brought up to date with all that is in it, and can be judged again and deleted")
    func content() async throws {
        let (store, report) = try HistoryStore.open(at: path, options: folder.options)
        #expect(report.migrations == allMigrations.filter { $0.version > 8 }.map(\.name))
        #expect(report.quarantined == nil && report.lostInvocations == 0)
        let totals = try await store.totals()
        #expect(totals.invocations == Self.invocations && totals.events == 3 * Self.invocations)
        let all = HistoryFilter(limit: .max)
        let newestFirst = [Int]((0..<Self.invocations).reversed())
        let times: [WallTime] = newestFirst.map { Self.time($0) }
        let ids: [String] = newestFirst.map { "i\($0)" }
        #expect(try await store.invocations(matching: all).map(\.id.rawValue) == ids)
        #expect(try await store.loops(matching: all, state: .all).map(\.createdAt) == times)
        let leaked: [WallTime] = newestFirst.filter { $0 % 10 == 0 }.map { Self.time($0) }
        #expect(try await store.loops(matching: all, state: .open).map(\.createdAt) == leaked)
        #expect(try await store.loops(matching: all, state: .leaked).map(\.createdAt) == leaked)
        #expect(try await store.findings(matching: all).map(\.at) == leaked)
        var failed = all
        (failed.outcome, failed.function) = (.error, FunctionName(sanitizing: "bills"))
        let expected: [String] = newestFirst.filter { $0 % 7 == 0 && $0 % 2 == 1 }.map { "i\($0)" }
        #expect(try await store.invocations(matching: failed).map(\.id.rawValue) == expected)
        for number in [0, 1, 777, Self.invocations - 1] {
            let detail = try #require(try await store.invocation(withID: "i\(number)"))
            #expect(detail.events.map(\.value) == [Int64](repeating: Int64(number), count: 3))
            #expect(detail.events.compactMap(\.detail) == ["Loop"] && detail.invocation.logTail == "printed")
        }
        #expect(try store.integrityCheck() == HistoryStore.Integrity())
        let summary = try store.replay { _ in [] }
        #expect(summary.environments == 2 && summary.findingsRemoved == Self.invocations / 10)
        while try store.prune(olderThan: Samples.wall(0), maximumRows: 500) > 0 {}
        let rest = try await store.totals()
        #expect(rest.invocations == 0 && rest.events == 0 && rest.loops == 0 && rest.environments == 0)
        try store.close()
    }

    @Test("is not written anew as a whole: what its opening writes is a small part of it")
    func isQuick() throws {
        let size = FileSize.of(path)
        let (store, _) = try HistoryStore.open(at: path, options: folder.options)
        let written = FileSize.of(path + "-wal")
        #expect(written > 0 && written < size / 5, "\(written) of \(size) bytes")
        try store.close()
    }
}
