/// How long AWS Lambda gives an environment for its end, by what is registered in it (facts: lambda §3).
package enum ShutdownBudget: String, Sendable, CaseIterable {
    /// No extension: SIGKILL at once.
    case none = "0ms"
    /// An extension inside the process: SIGTERM, and SIGKILL when the time is over.
    case inside = "500ms"
    /// Extensions beside it, which have the rest of the time.
    case beside = "2s"

    /// How long the handler's process has after SIGTERM.
    package var runtimeShare: Duration {
        switch self {
        case .none: .zero
        case .inside: .milliseconds(500)
        // 30 % of two seconds.
        case .beside: .milliseconds(600)
        }
    }
}

/// Why an environment was ended, in AWS Lambda's words.
package enum ShutdownReason: String, Sendable, CaseIterable {
    /// Nobody needed it any more.
    case spindown = "SPINDOWN"
    case timeout = "TIMEOUT"
    case failure = "FAILURE"
}
