internal import LoopModel

extension EnvironmentEnd {
    /// Whether AWS Lambda would go on with the environment: a new process in the same place.
    var isReset: Bool {
        switch self {
        case .retired, .killed, .terminated, .notLaunched: false
        case .timedOut, .initTimedOut, .initFailed, .channelLost, .protocolBroken, .replyTooLong, .exited: true
        }
    }

    /// What extensions are told on AWS Lambda.
    var shutdownReason: ShutdownReason {
        switch self {
        case .retired, .killed, .terminated: .spindown
        case .timedOut, .initTimedOut: .timeout
        case .initFailed, .notLaunched, .channelLost, .protocolBroken, .replyTooLong, .exited: .failure
        }
    }
}
