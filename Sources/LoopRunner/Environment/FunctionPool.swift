internal import LoopModel

/// One function with its environments.
///
/// Safety: other threads carry references to it back to the event loop, and only code on the loop looks inside.
final class FunctionPool: @unchecked Sendable {
    var configuration: FunctionConfiguration
    var machine: PoolStateMachine
    var environments: [PoolStateMachine.Slot: RunningEnvironment] = [:]
    /// Invocations that have no environment yet.
    var waiting: [PoolStateMachine.Ticket: RunningInvocation] = [:]
    /// What became of the last environment that could not load the handler.
    var lastInitFailure: InvocationFailure?
    private var nextTicket = 0

    init(configuration: FunctionConfiguration) {
        self.configuration = configuration
        machine = PoolStateMachine(limits: Self.limits(of: configuration))
    }

    /// The oldest first.
    var ordered: [RunningEnvironment] { environments.values.sorted { $0.slot.rawValue < $1.slot.rawValue } }

    func makeTicket() -> PoolStateMachine.Ticket {
        defer { nextTicket += 1 }
        return PoolStateMachine.Ticket(rawValue: nextTicket)
    }

    func isFresh(_ slot: PoolStateMachine.Slot) -> Bool { environments[slot]?.isFresh ?? false }

    /// For ever, and still something that can be added to an instant.
    private static let longestKeepAlive = Duration.seconds(365 * 86_400)

    static func limits(of configuration: FunctionConfiguration) -> PoolStateMachine.Limits {
        PoolStateMachine.Limits(
            concurrency: configuration.reservedConcurrency ?? configuration.concurrency,
            // Lambda throttles at once.
            queue: configuration.reservedConcurrency == nil ? configuration.queue : 0,
            keepAlive: min(configuration.keepAlive, longestKeepAlive)
        )
    }
}
