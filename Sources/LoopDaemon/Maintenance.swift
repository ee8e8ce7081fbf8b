import Logging
import LoopModel
import LoopOS
import LoopStore
import ServiceLifecycle

/// Keeps the history file in shape, off the path of any answer: checkpoints, and deletes what is too old or too much.
struct Maintenance: Service {
    private static let interval = Duration.seconds(1)
    /// Steps of deleting after which what they wrote is brought into the file, so that the log stays as short as ever.
    private static let stepsBetweenCheckpoints = 32

    private let store: HistoryStore
    private let limits: Locked<Limits>
    private let logger: Logger

    init(store: HistoryStore, settings: Settings, logger: Logger) {
        self.store = store
        self.logger = logger
        limits = Locked(Limits(age: settings.retentionAge, size: settings.retentionSize))
    }

    private struct Limits {
        var age: Duration?
        var size: Int?
    }

    /// Takes up other limits.
    func use(_ settings: Settings) {
        limits.withLock { $0 = Limits(age: settings.retentionAge, size: settings.retentionSize) }
    }

    func run() async throws {
        // One thread for all of it: the pool's threads are few, and SQLite blocks.
        let thread = try WorkThread(named: "lw-keeper")
        defer { thread.finish() }
        while !Task.isCancelled, !Task.isShuttingDownGracefully {
            do {
                try await tend(on: thread)
            } catch {
                logger.warning("The history file could not be tended", metadata: ["error": "\(error)"])
            }
            do {
                try await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) }
            } catch { break }
        }
    }

    /// Does once what is to be done.
    func tend(on thread: WorkThread) async throws {
        try await thread.perform { try store.checkpoint() }
        try await prune(on: thread)
    }

    /// Deletes step by step until nothing is left to delete, or the daemon is to end.
    private func prune(on thread: WorkThread) async throws {
        let limits = limits.withLock { $0 }
        if let age = limits.age {
            let oldest = WallTime(nanoseconds: WallTime.now.nanoseconds - age.nanoseconds)
            while try await steps(before: oldest, on: thread) {}
        }
        if let size = limits.size {
            while try await store.totals().databaseSize > size, try await steps(before: .now, on: thread) {}
        }
    }

    /// Deletes some of what is older; false when there is no more, or the daemon is to end.
    private func steps(before moment: WallTime, on thread: WorkThread) async throws -> Bool {
        for _ in 0..<Self.stepsBetweenCheckpoints {
            let begun = MonotonicClock.nanoseconds()
            let count = try await thread.perform {
                try store.prune(olderThan: moment, maximumRows: HistoryStore.retentionStep)
            }
            guard count > 0, !Task.isShuttingDownGracefully, !Task.isCancelled else { return false }
            // As long a pause as the step took: what waited to be committed is, and half of the writer's time is left.
            try await Task.sleep(for: .nanoseconds(MonotonicClock.nanoseconds() - begun))
        }
        try await thread.perform { try store.checkpoint() }
        return true
    }
}
