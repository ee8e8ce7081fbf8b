package import LoopModel

/// The runner at one instant, for `status` and for the watchdog.
package struct RunnerStatus: Sendable {
    package var functions: [FunctionStatus]
    package var isShuttingDown: Bool
    /// What environments are forked from.
    package var zygotes: [ZygoteStatus] = []

    package init(functions: [FunctionStatus], isShuttingDown: Bool) {
        self.functions = functions
        self.isShuttingDown = isShuttingDown
    }

    /// How the environments are that are kept ready, of the functions that have any.
    package var provisioned: [FunctionName: ProvisioningStatus] {
        Dictionary(
            uniqueKeysWithValues: functions.compactMap { function in function.provisioned.map { (function.name, $0) } }
        )
    }
}

/// One function at one instant.
package struct FunctionStatus: Sendable {
    package var name: FunctionName
    /// The oldest first.
    package var environments: [EnvironmentStatus]
    /// Invocations that wait for an environment.
    package var waiting: Int
    /// The environments that are kept ready; nil: none are to be.
    package var provisioned: ProvisioningStatus?

    package init(
        name: FunctionName,
        environments: [EnvironmentStatus],
        waiting: Int,
        provisioned: ProvisioningStatus? = nil
    ) {
        self.name = name
        self.environments = environments
        self.waiting = waiting
        self.provisioned = provisioned
    }
}

/// One environment at one instant.
package struct EnvironmentStatus: Sendable {
    package var record: EnvironmentRecord
    package var state: State
    /// Invocations that it has answered.
    package var served: Int
    /// The invocation that it is serving.
    package var invocation: InvocationID?

    package init(record: EnvironmentRecord, state: State, served: Int, invocation: InvocationID?) {
        self.record = record
        self.state = state
        self.served = served
        self.invocation = invocation
    }

    /// The words of the design, §4.
    package enum State: String, Sendable, CaseIterable {
        /// The process does not speak yet.
        case starting
        /// The handler is being loaded.
        case initializing = "init"
        case idle
        /// Idle, with its processes stopped.
        case frozen
        case invoking
        case ending
    }
}
