import Logging
import LoopModel
import LoopOS
import LoopStore
import ServiceLifecycle

/// Keeps the history file in shape, off the path of any answer: checkpoints, and deletes what is too old or too much.
struct Maintenance: Service {
    private static let interval = Duration.seconds(1)
    /// Rows deleted in one step, so that a step never holds up a commit for long.
    private static let step = 500

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
            while try await step(before: oldest, on: thread) {}
        }
        if let size = limits.size {
            while try await store.totals().databaseSize > size, try await step(before: .now, on: thread) {}
        }
    }

    /// Deletes some of what is older; false when there was nothing, or the daemon is to end.
    private func step(before moment: WallTime, on thread: WorkThread) async throws -> Bool {
        let count = try await thread.perform { try store.prune(olderThan: moment, maximumRows: Self.step) }
        return count > 0 && !Task.isShuttingDownGracefully && !Task.isCancelled
    }
}
