import Logging
import LoopOS
import LoopRules
import ServiceLifecycle
import UnixSignals

/// On SIGHUP reads settings and plugins anew; bad settings change nothing, and are said in the log and to systemd.
struct Reloader: Service {
    private let loader: SettingsLoader
    private let signals: UnixSignalsSequence
    private let manager: ServiceManager
    private let logger: Logger
    private let apply: @Sendable (Settings) async -> Void

    init(
        loader: SettingsLoader,
        signals: UnixSignalsSequence,
        manager: ServiceManager,
        logger: Logger,
        apply: @escaping @Sendable (Settings) async -> Void
    ) {
        self.loader = loader
        self.signals = signals
        self.manager = manager
        self.logger = logger
        self.apply = apply
    }

    func run() async {
        for await _ in signals.cancelOnGracefulShutdown() {
            manager.notify("RELOADING=1\nMONOTONIC_USEC=\(MonotonicClock.nanoseconds() / 1000)")
            do {
                await apply(try loader.load())
                logger.notice("The settings were read anew")
                manager.notify("READY=1\nSTATUS=Serving")
            } catch {
                logger.error("The old settings are kept: the new ones are wrong", metadata: ["error": "\(error)"])
                let first = error.problems.first.map(\.description) ?? ""
                manager.notify("READY=1\nSTATUS=Serving with the old settings: \(first)")
            }
        }
    }
}
