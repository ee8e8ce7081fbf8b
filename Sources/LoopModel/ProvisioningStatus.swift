/// How a function's provisioned environments are, in AWS Lambda's words (facts: lambda §3).
package struct ProvisioningStatus: Hashable, Sendable {
    /// How many there are to be.
    package var wanted: Int
    /// Those that are ready, and those that are being started.
    package var allocated: Int
    /// Those that have loaded the handler.
    package var available: Int
    package var state: State
    /// Why it is ``State/failed``, in a line.
    package var reason: String?

    package init(wanted: Int, allocated: Int, available: Int, state: State) {
        self.wanted = wanted
        self.allocated = allocated
        self.available = available
        self.state = state
    }

    package enum State: String, Sendable, CaseIterable {
        case inProgress = "IN_PROGRESS"
        case ready = "READY"
        /// The handler cannot be loaded; no other environment is tried until it was, or until a file of it changes.
        case failed = "FAILED"
    }

    /// What AWS Lambda says of ``State/failed``.
    package static let failure = "FUNCTION_ERROR_INIT_FAILURE"
}
