/// One attempt to load a handler, as AWS Lambda's INIT_REPORT tells of it (facts: lambda §3, §4).
///
/// Only attempts that were not the usual one are kept: where the first, in a phase of its own, succeeded, there is none.
package struct InitReport: Hashable, Sendable {
    package var phase: Phase
    package var status: Status
    /// From the start of the process to the end of the attempt.
    package var duration: Duration
    /// Such as `Runtime.UserCodeSyntaxError`; nil unless it was an error.
    package var errorType: String?

    package init(phase: Phase, status: Status, duration: Duration, errorType: String? = nil) {
        self.phase = phase
        self.status = status
        self.duration = duration
        self.errorType = errorType
    }

    /// Whose time it takes.
    package enum Phase: String, Sendable, CaseIterable {
        /// Its own, which has a limit of its own.
        case initialization = "init"
        /// That of the invocation which waits for it: AWS's "suppressed init".
        case invocation = "invoke"
    }

    package enum Status: String, Sendable, CaseIterable {
        case success
        case error
        case timeout
    }
}

extension InvocationRecord {
    /// How much of its ``initialization`` was taken out of its own time limit; AWS counts that into its duration.
    package var suppressedInit: Duration {
        inits.lazy.filter { $0.phase == .invocation }.map(\.duration).reduce(.zero, +)
    }

    /// Whether its handler was loaded, or could not be loaded, inside its own time limit.
    package var isInitSuppressed: Bool { inits.contains { $0.phase == .invocation } }
}

extension InitReport {
    /// As in the control API and in the store.
    package var json: JSON {
        [
            "phase": .string(phase.rawValue),
            "status": .string(status.rawValue),
            "durationNs": .int(duration.nanoseconds),
            "errorType": JSON(errorType),
        ]
    }

    /// Reads ``json``; nil where it is none.
    package init?(json: JSON) {
        guard let phase = json["phase"]?.stringValue.flatMap(Phase.init(rawValue:)),
            let status = json["status"]?.stringValue.flatMap(Status.init(rawValue:)),
            let duration = json["durationNs"]?.intValue
        else { return nil }
        self.init(
            phase: phase,
            status: status,
            duration: .nanoseconds(Int64(duration)),
            errorType: json["errorType"]?.stringValue
        )
    }
}
