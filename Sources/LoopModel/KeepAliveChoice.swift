/// Which policy says how long a function's idle environments are kept, and what the manifest says to it.
package struct KeepAliveChoice: Hashable, Sendable {
    package var policy: String
    /// By the policy's own names, in the policy's own units; what is not here has the policy's default.
    package var options: [String: Double]

    package init(policy: String = "fixed", options: [String: Double] = [:]) {
        self.policy = policy
        self.options = options
    }

    /// For the function's keep-alive time.
    package static let fixed = Self()
}
