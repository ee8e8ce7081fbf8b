import Dispatch
import Foundation
import GRDB
import LoopModel
import Testing

@testable import LoopStore

@Suite("The log beside the file") struct LogSizeTests {
    private static let limit = 1 << 20
    /// More than a commit of one invocation, in a new environment, adds to the log, in bytes.
    private static let commit = 64 << 10

    @Test("begins anew at a checkpoint that finds it too long, however busily others commit", .timeLimit(.minutes(2)))
    func bounded() async throws {
        let temporary = try TemporaryStore()
        temporary.options.logSizeLimit = Self.limit
        try temporary.reopen()
        let store = temporary.store
        let log = temporary.path + "-wal"
        let writer = Task.detached {
            var round = 0
            while !Task.isCancelled {
                try store.commit(Samples.life(of: "e\(round)", invocations: 1))
                round += 1
            }
        }
        for _ in 0..<5 {
            while FileSize.of(log) <= Self.limit { await Task.yield() }
            let before = try await store.pool.read(HistoryStore.sequence)
            try store.checkpoint()
            let size = FileSize.of(log)
            // It holds no more than the commits that came since.
            let commits = try await store.pool.read(HistoryStore.sequence) - before + 1
            #expect(size < Int(commits) * Self.commit, "\(size) bytes of \(commits) commits")
        }
        writer.cancel()
        try await writer.value
    }

    @Test("far too long waits for readers, so that one question after the other does not let it grow without end")
    func readers() async throws {
        let temporary = try TemporaryStore()
        temporary.options.logSizeLimit = 64 << 10
        try temporary.reopen()
        let store = temporary.store
        let log = temporary.path + "-wal"
        for round in 0..<20 { try store.commit(Samples.life(of: "e\(round)", invocations: 1)) }
        #expect(FileSize.of(log) > 4 * (64 << 10))
        let begun = DispatchSemaphore(value: 0)
        let reader = Thread {
            try? store.pool.read { database in
                _ = try Int.fetchOne(database, sql: "SELECT count(*) FROM invocation")
                begun.signal()
                Thread.sleep(forTimeInterval: 0.1)
            }
        }
        reader.start()
        begun.wait()
        try store.commit(Samples.life(of: "last", invocations: 1))
        try store.checkpoint()
        #expect(FileSize.of(log) == 0)
    }
}
