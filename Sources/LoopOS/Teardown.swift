internal import Glibc

/// How a process is asked to end before it is made to: signals with the time allowed after each.
package struct Teardown: Hashable, Sendable {
    /// In order; SIGKILL to the whole family always follows the last.
    package var steps: [Step]

    package init(steps: [Step] = []) { self.steps = steps }

    /// At once, as AWS Lambda ends an environment without extensions (facts: lambda §3).
    package static let kill = Self()

    /// One signal to the process group.
    package struct Step: Hashable, Sendable {
        /// 0 for none: the process was asked in some other way.
        package var signal: Int32
        package var allowed: Duration

        package init(signal: Int32, allowed: Duration) {
            self.signal = signal
            self.allowed = allowed
        }

        /// Waits for a process that was asked in some other way.
        package static func wait(_ allowed: Duration) -> Self { Self(signal: 0, allowed: allowed) }

        /// Asks by SIGTERM.
        package static func terminate(_ allowed: Duration) -> Self { Self(signal: SIGTERM, allowed: allowed) }
    }
}
