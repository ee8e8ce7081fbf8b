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
    /// Of environments that were reset; the latest last.
    var places: [EnvironmentPlace] = []
    /// Environments that wait until the packages of their configuration are installed.
    var unprepared: [FunctionConfiguration: [RunningEnvironment]] = [:]
    /// Why its packages could not be installed when this was last tried.
    var installFailure: InstallFailure?
    /// The manifest as it was read; nil: it was not there.
    var manifest: WatchedFile?
    /// Whether what the function is made of is there.
    var readiness = FunctionReadiness()
    /// As many environments as are kept ready instead of those that the manifest names; nil: those.
    var provisioned: Int?
    /// What the last environment that was started ahead is loaded from, as far as it was known then.
    var provisionedFrom: [WatchedFile] = []
    private var nextTicket = 0

    init(configuration: FunctionConfiguration) {
        self.configuration = configuration
        manifest = WatchedFile(now: configuration.source)
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

    static func limits(
        of configuration: FunctionConfiguration,
        provisioned: Int? = nil
    ) -> PoolStateMachine.Limits {
        PoolStateMachine.Limits(
            concurrency: configuration.reservedConcurrency ?? configuration.concurrency,
            // Lambda throttles at once.
            queue: configuration.reservedConcurrency == nil ? configuration.queue : 0,
            keepAlive: min(configuration.keepAlive, longestKeepAlive),
            policy: configuration.keepAlivePolicy,
            provisioned: provisioned ?? configuration.provisionedConcurrency,
            scaling: configuration.scaling,
            requestsPerSecond: configuration.reservedConcurrency.flatMap {
                $0 > 0 ? $0 * AccountLimits.requestsPerInvocation : nil
            },
            // AWS Lambda tries it each time.
            failsFast: !configuration.isLambda
        )
    }
}
