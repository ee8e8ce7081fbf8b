import Foundation
import LoopModel
import LoopStore
import Testing

/// Commits until it is killed, in a process of its own; each commit that returned is noted in a file first opened
/// by the parent, which the kernel keeps whatever becomes of the process.
private enum Victim {
    /// Runs in the child; never returns.
    ///
    /// - Parameters:
    ///   - folder: Where the history and the acknowledgements are.
    ///   - delay: When to die, in microseconds from the first commit on.
    ///   - isHonest: Whether a commit is acknowledged after it was made, and not before.
    /// - Throws: what the store throws; it should not.
    static func run(in folder: String, delay: Int, isHonest: Bool) throws {
        let (store, _) = try HistoryStore.open(at: folder + "/history.db", options: StoreOptions(ballastSize: 0))
        guard let acknowledgements = FileHandle(forWritingAtPath: folder + "/acknowledged") else { return }
        try acknowledgements.seekToEnd()
        let life = EnvironmentID.random().rawValue
        try store.commit(Samples.life(of: life, invocations: 1))
        // The instant of death is the subject here, so this waits for the clock.
        Thread.detachNewThread {
            usleep(UInt32(delay))
            kill(getpid(), SIGKILL)
        }
        for ordinal in 1..<1_000_000 {
            let id = "\(life)-i\(ordinal)"
            let events = Samples.events(from: Int64(ordinal * 8), loop: UInt32(ordinal + 1), ordinal: ordinal)
            let environment = EnvironmentID(rawValue: life)
            if !isHonest { try acknowledgements.write(contentsOf: Data((id + "\n").utf8)) }
            try store.commit([
                .invocationEnded(Samples.invocation(id, in: life, ordinal: ordinal)),
                .events(environment, invocation: InvocationID(rawValue: id), events),
                .loops(environment, Samples.loops(after: events)),
            ])
            if isHonest { try acknowledgements.write(contentsOf: Data((id + "\n").utf8)) }
            // Checkpoints are part of a daemon's life, and of its death.
            if ordinal % 50 == 0 { try store.checkpoint() }
        }
    }

    /// What was acknowledged and is not stored, whole, after the death.
    static func lost(in folder: String) async throws -> [String] {
        let (store, report) = try HistoryStore.open(at: folder + "/history.db", options: StoreOptions(ballastSize: 0))
        defer { try? store.close() }
        #expect(report.quarantined == nil && report.missingCommits == 0)
        #expect(try store.integrityCheck().faults.isEmpty)
        let stored = try await store.invocations(matching: HistoryFilter(limit: .max))
        let ids = Set(stored.map(\.id.rawValue))
        // All or nothing: eight events and one loop for each invocation.
        let totals = try await store.totals()
        #expect(totals.events == stored.count * 8 && totals.loops == stored.count && totals.invocations == stored.count)
        let acknowledged = try String(contentsOfFile: folder + "/acknowledged", encoding: .utf8).split(separator: "\n")
        return acknowledged.map(String.init).filter { !ids.contains($0) }
    }

    static func prepare() throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("loopdeath-\(UUID().uuidString)")
            .path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        _ = FileManager.default.createFile(atPath: folder + "/acknowledged", contents: nil)
        return folder
    }
}

@Suite("A daemon killed at any instant") struct SuddenDeathTests {
    @Test("has stored, whole, what it acknowledged", .timeLimit(.minutes(2)))
    func acknowledgedIsStored() async throws {
        var generator = SystemRandomNumberGenerator()
        let folder = try Victim.prepare()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var count = 0
        for _ in 0..<12 {
            let delay = Int.random(in: 0...60_000, using: &generator)
            await #expect(processExitsWith: .signal(SIGKILL)) { [folder = folder as String, delay = delay as Int] in
                try Victim.run(in: folder, delay: delay, isHonest: true)
            }
            let lost = try await Victim.lost(in: folder)
            #expect(lost.isEmpty, "killed after \(delay) µs")
            count = try String(contentsOfFile: folder + "/acknowledged", encoding: .utf8).split(separator: "\n").count
        }
        #expect(count > 0)
    }

    @Test("is caught by this test if it acknowledges too early", .timeLimit(.minutes(2)))
    func negativeControl() async throws {
        var caught = 0
        let folder = try Victim.prepare()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for attempt in 0..<40 where caught == 0 {
            let delay = 20_000 + attempt * 777
            await #expect(processExitsWith: .signal(SIGKILL)) { [folder = folder as String, delay = delay as Int] in
                try Victim.run(in: folder, delay: delay, isHonest: false)
            }
            caught += try await Victim.lost(in: folder).count
        }
        #expect(caught > 0)
    }
}
