internal import LoopModel

/// How the runner talks to the process of one environment: a file for each way, which ``RuntimeProgram/speaks`` chooses.
///
/// What the process says comes back as calls of the runner's methods. All of it happens on the runner's event loop.
protocol EnvironmentWire: AnyObject {
    /// The environment variables by which the process finds this wire.
    var variables: [String: String] { get }

    /// Whether there may be something that the process has said and nobody has read yet.
    var isOpen: Bool { get }

    /// Hands the process an invocation.
    func send(_ invocation: HandedInvocation)

    /// Asks the process to end by itself.
    ///
    /// - Returns: whether it can be asked.
    func askToEnd(_ reason: String) -> Bool

    /// Asks the process what is alive in it, before it is stopped; ``Runner/rested(_:)`` is called when it has told.
    ///
    /// - Returns: whether it can be asked.
    func askWhatIsAlive() -> Bool

    /// Hears and says nothing more.
    func close()
}

extension EnvironmentWire {
    func askWhatIsAlive() -> Bool { false }
}

/// One invocation as a wire hands it on.
struct HandedInvocation {
    /// Which of the environment, counted from 0.
    var ordinal: Int
    var request: InvocationRequest
    /// What the handler is told that was invoked.
    var arn: String
    /// When the environment is ended if there is no answer.
    var deadline: Instant
    /// The same on the calendar.
    var wallDeadline: WallTime
}
