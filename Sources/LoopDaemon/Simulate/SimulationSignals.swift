package import LoopModel
import UnixSignals

extension Simulation {
    /// As ``report(stop:progress:)``, ended early by what ends a program from its terminal or its service manager.
    package func report(progress: @escaping @Sendable (SimulationProgress) -> Void) async throws -> SimulationReport {
        let stop = SimulationStop()
        // Trapped here, before anything is started: untrapped, a signal would leave files behind.
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
        return try await withThrowingTaskGroup(of: SimulationReport?.self) { group in
            group.addTask {
                for await _ in signals { stop.ask() }
                return nil
            }
            group.addTask { try await report(stop: stop, progress: progress) }
            while let result = try await group.next() {
                guard let result else { continue }
                group.cancelAll()
                return result
            }
            throw CancellationError()
        }
    }
}
