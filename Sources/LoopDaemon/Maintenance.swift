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

    func run() async {
        while !Task.isCancelled, !Task.isShuttingDownGracefully {
            do {
                try store.checkpoint()
                try await prune()
            } catch {
                logger.warning("The history file could not be tended", metadata: ["error": "\(error)"])
            }
            do {
                try await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) }
            } catch { break }
        }
    }

    private func prune() async throws {
        let limits = limits.withLock { $0 }
        if let age = limits.age {
            _ = try store.prune(
                olderThan: WallTime(nanoseconds: WallTime.now.nanoseconds - age.nanoseconds),
                maximumRows: Self.step
            )
        }
        if let size = limits.size, try await store.totals().databaseSize > size {
            _ = try store.prune(olderThan: .now, maximumRows: Self.step)
        }
    }
}
