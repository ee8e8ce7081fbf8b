import LoopOS
import LoopRunner
import ServiceLifecycle

/// Keeps the runner until the daemon ends; then lets running invocations finish, and ends every environment.
struct RunnerService: Service {
    private let runner: Runner
    private let drain: Duration
    private let manager: ServiceManager

    init(_ runner: Runner, drain: Duration, manager: ServiceManager) {
        self.runner = runner
        self.drain = drain
        self.manager = manager
    }

    func run() async throws {
        try await gracefulShutdown()
        manager.notify("STOPPING=1\nSTATUS=Letting running invocations end")
        await runner.shutdown(grace: drain)
    }
}
