import Logging
import LoopOS
import NIOCore
import ServiceLifecycle

/// Tells systemd that the daemon lives, each time after a round trip through the event loop and the recorder's thread:
/// a lone timer would go on saying so while either hangs.
struct Watchdog: Service {
    private let recorder: Recorder
    private let eventLoop: any EventLoop
    private let manager: ServiceManager
    private let interval: Duration?

    init(recorder: Recorder, eventLoop: any EventLoop, manager: ServiceManager) {
        self.recorder = recorder
        self.eventLoop = eventLoop
        self.manager = manager
        // A third of the time allowed, as sd_watchdog_enabled(3) advises at least half.
        interval = manager.watchdogInterval.map { $0 / 3 }
    }

    func run() async throws {
        guard let interval else { return try await gracefulShutdown() }
        while !Task.isCancelled, !Task.isShuttingDownGracefully {
            try await eventLoop.submit {}.get()
            await recorder.flush()
            manager.notify("WATCHDOG=1")
            do {
                try await cancelWhenGracefulShutdown { try await Task.sleep(for: interval) }
            } catch { break }
        }
    }
}
