import LoopModel
import LoopOS
import LoopStore

/// Commits one invocation after the other, on a thread of its own, until it is told to stop, and takes the times.
///
/// Beside it another thread brings the log into the file each second, as the daemon's keeper does.
final class ConstantWriter: Sendable {
    private let store: HistoryStore
    private let offset: Int64
    private let state = Locked(State())

    private struct State {
        var isStopped = false
        var commits: [Int64] = []
        var largestLog = 0
        var failure: String?
    }

    /// What became of it.
    struct Figures {
        /// In nanoseconds.
        var commits: Spread
        /// The largest size that the log had, in bytes.
        var largestLog: Int
    }

    /// `offset` says when its invocations were requested: nanoseconds from the start of the generator's time.
    init(store: HistoryStore, offset: Int64) {
        self.store = store
        self.offset = offset
    }

    /// Runs `body` while writing goes on.
    ///
    /// - Throws: what `body` throws, and ``BenchmarkFailure`` when a commit failed.
    func during(_ body: () async throws -> Void) async throws -> Figures {
        let writer = try PosixThread.start(named: "writer") { self.write() }
        let keeper = try PosixThread.start(named: "keeper") { self.keep() }
        defer {
            state.withLock { $0.isStopped = true }
            PosixThread.join(writer)
            PosixThread.join(keeper)
        }
        try await body()
        let state = state.withLock { $0 }
        if let failure = state.failure { throw BenchmarkFailure("a commit failed: \(failure)") }
        return Figures(commits: Spread(state.commits), largestLog: state.largestLog)
    }

    private var isStopped: Bool { state.withLock(\.isStopped) }

    private func write() {
        var environment = EnvironmentRecord(
            id: .random(),
            function: FunctionName(sanitizing: "function-0"),
            host: .perInvocation,
            loop: .asyncio,
            start: .spawn,
            cause: .first,
            startedAt: HistoryGenerator.time(offset)
        )
        do {
            try store.commit([.environmentStarted(environment)])
            var ordinal = 0
            while !isStopped {
                let changes = invocation(ordinal, of: environment, at: offset + Int64(ordinal) * 1_000_000)
                ordinal += 1
                let begun = MonotonicClock.nanoseconds()
                try store.commit(changes)
                let taken = MonotonicClock.nanoseconds() - begun
                state.withLock { $0.commits.append(taken) }
            }
            environment.endedAt = environment.startedAt
            try store.commit([.environmentUpdated(environment)])
        } catch {
            state.withLock { $0.failure = "\(error)" }
        }
    }

    /// One with a loop that the host made and closed.
    private func invocation(
        _ ordinal: Int,
        of environment: EnvironmentRecord,
        at offset: Int64
    ) -> [HistoryStore.Change] {
        var record = InvocationRecord(
            id: .random(),
            function: environment.function,
            requestedAt: HistoryGenerator.time(offset)
        )
        record.environment = environment.id
        record.ordinal = ordinal
        record.outcome = .ok
        let kinds: [LoopEvent.Kind] = [
            .phaseBegun, .created, .slotSet, .runBegun, .runEnded, .slotSet, .closed, .phaseEnded,
        ]
        var ledger = Ledger()
        let events = kinds.enumerated().map { index, kind in
            LoopEvent(
                sequence: Int64(ordinal * kinds.count + index),
                at: Instant(nanoseconds: offset + Int64(index)),
                kind: kind,
                phase: .invocation,
                ordinal: ordinal,
                loop: LoopSerial(rawValue: UInt32(ordinal + 1))
            )
        }
        for event in events { ledger.apply(event) }
        return [
            .invocationEnded(record), .events(environment.id, invocation: record.id, events),
            .loops(environment.id, ledger.ordered),
        ]
    }

    private func keep() {
        var last = MonotonicClock.nanoseconds()
        while !isStopped {
            let size = FileStamp(path: store.path + "-wal").map(\.size) ?? 0
            state.withLock { $0.largestLog = max($0.largestLog, Int(size)) }
            if MonotonicClock.nanoseconds() - last > 1_000_000_000 {
                last = MonotonicClock.nanoseconds()
                try? store.checkpoint()
            }
            Pause.sleep(nanoseconds: 10_000_000)
        }
    }
}
