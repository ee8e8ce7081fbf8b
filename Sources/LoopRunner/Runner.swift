package import LoopModel
package import Logging
package import NIOCore

/// Runs functions in environments: the pools' state machines, and the shell that performs what they decide.
///
/// Everything happens on one event loop, which is also the actor's executor: what a worker says and what is done about
/// it need no hop between threads.
package actor Runner {
    package nonisolated let eventLoop: any EventLoop

    package nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - folder: the daemon's runtime folder, which must exist; sockets, scratch folders and the probe's files live
    ///     below it.
    ///   - eventLoop: does all the work; it may serve other channels as well.
    ///   - observer: is told of everything.
    package init(folder: String, eventLoop: any EventLoop, observer: any RunObserving, logger: Logger) {
        self.eventLoop = eventLoop
        fatalError("not written yet")
    }

    /// Ends what an earlier daemon left running, unpacks the probe and opens the workers' socket.
    package func start() async throws {}

    /// Adds a function, or puts a new configuration in the place of one; environments of the old one are replaced.
    package func register(_ configuration: FunctionConfiguration) {}

    /// Removes a function: waiting invocations are rejected, running ones are allowed to end.
    package func remove(_ name: FunctionName) {}

    /// Sorted by name.
    package var functions: [FunctionConfiguration] { [] }

    package func configuration(of name: FunctionName) -> FunctionConfiguration? { nil }

    /// Runs one invocation to its end and returns when its record is stored.
    ///
    /// Cancelling the caller's task does not end the invocation.
    package func invoke(_ request: InvocationRequest) async throws(InvocationRejection) -> InvocationAnswer {
        throw .shuttingDown
    }

    /// As ``invoke(_:)`` for callers that are on the event loop already; `completion` is called on it.
    package func submit(
        _ request: InvocationRequest,
        completion: @escaping @Sendable (Result<InvocationAnswer, InvocationRejection>) -> Void
    ) {}

    package func status() -> RunnerStatus { RunnerStatus(functions: [], isShuttingDown: false) }

    /// Lets running invocations end for as long as `grace`, cuts off the rest as `killed`, and ends every environment.
    ///
    /// Returns when no process is left; new invocations are rejected from the first moment.
    package func shutdown(grace: Duration) async {}
}
