/// A stretch of time for which the processes of an environment were stopped, as AWS Lambda does between two invocations.
package struct FreezeSpan: Hashable, Sendable {
    package var environment: EnvironmentID
    /// The invocation that it came after, counted from 0; nil: it came before the first.
    package var following: Int?
    package var frozen: Instant
    package var frozenAt: WallTime
    /// When they went on, or ended; nil: they are stopped, or were when the daemon died.
    package var thawed: Instant?
    package var thawedAt: WallTime?
    /// How many were stopped.
    package var processes: Int
    package var means: FreezeMeans
    /// Whether somebody has asked for this one, rather than that the function freezes after each answer; not kept in
    /// the history, but with its events.
    package var isOnRequest = false

    package init(
        environment: EnvironmentID,
        following: Int?,
        frozen: Instant,
        frozenAt: WallTime,
        processes: Int,
        means: FreezeMeans
    ) {
        self.environment = environment
        self.following = following
        self.frozen = frozen
        self.frozenAt = frozenAt
        self.processes = processes
        self.means = means
    }

    /// How long it took; nil: it is not over.
    package var duration: Duration? { thawed.map { $0 - frozen } }
}

/// By which means processes are stopped.
package struct FreezeMeans: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The word used on screen, in JSON and in the store.
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    /// A signal to each of them.
    package static let signal = Self(rawValue: "SIGSTOP")
    /// The freezer of a control group (cgroup v2, `cgroup.freeze`).
    package static let controlGroup = Self(rawValue: "cgroup")

    package var description: String { rawValue }
}
