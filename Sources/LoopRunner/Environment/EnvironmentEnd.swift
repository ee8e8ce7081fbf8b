internal import LoopModel
internal import LoopOS

/// Why an environment ends, or has ended; what is decided first stands.
enum EnvironmentEnd: Hashable, Sendable {
    /// It was idle.
    case retired(PoolStateMachine.RetireReason)
    /// An invocation took too long.
    case timedOut
    /// Loading the handler took too long.
    case initTimedOut
    /// The handler could not be loaded, and the worker has said why; the error object as JSON.
    case initFailed(payload: [UInt8])
    /// The process could not be started.
    case notLaunched(String)
    /// The worker's side of the channel was closed, and the process lives on.
    case channelLost
    /// The worker sent what cannot be.
    case protocolBroken(String)
    /// The worker's answer does not fit into a frame.
    case replyTooLong
    /// The process ended by itself, or somebody killed it.
    case exited
    /// The daemon does not wait for it any longer.
    case killed
    /// It was asked to end by a signal.
    case terminated

    /// What an operator is shown as the environment's end.
    func text(status: ExitStatus?) -> String {
        switch self {
        case .retired(let reason): reason.rawValue
        case .timedOut: "timeout"
        case .initTimedOut: "init timeout"
        case .initFailed: "init error"
        case .notLaunched(let reason): "not started: \(reason)"
        case .channelLost: "channel lost"
        case .protocolBroken(let what): "protocol broken: \(what)"
        case .replyTooLong: "reply too long"
        case .exited, .terminated: status.map(\.description) ?? "exit"
        case .killed: "killed"
        }
    }

    /// What the next cold start is because of.
    ///
    /// - Parameter wasReady: whether the handler had been loaded.
    /// - Returns: nil where nothing was lost.
    func cause(wasReady: Bool) -> ColdStartCause? {
        switch self {
        case .retired, .killed, .terminated: nil
        case .timedOut: .timeout
        case .initTimedOut, .initFailed, .notLaunched: .initFailure
        case .channelLost, .protocolBroken, .replyTooLong, .exited: wasReady ? .exit : .initFailure
        }
    }
}
