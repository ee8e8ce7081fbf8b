/// What a function's environments may have of the machine.
package struct ResourceLimits: Hashable, Sendable {
    package var memoryLimit = MemoryLimit.auto
    /// Whether somebody has said how much ``FunctionConfiguration/memory`` it has.
    package var isMemoryGiven = false
    /// How many processors it may use at once, while it serves an invocation; nil: all there are.
    package var processors: Double?

    package init(memoryLimit: MemoryLimit = .auto) { self.memoryLimit = memoryLimit }

    /// What is done about an environment that holds more than ``FunctionConfiguration/memory``.
    package enum MemoryLimit: String, Sendable, CaseIterable {
        /// It is killed where the daemon has cgroups and the memory is given; elsewhere it goes on.
        case auto
        /// It is killed, as on AWS Lambda: by the kernel where the daemon has cgroups, else by the daemon, which looks
        /// again and again.
        case enforce
        /// It goes on.
        case off
    }

    /// The processors that AWS Lambda gives with so many MB: one at 1,769 MB (facts: lambda §2).
    package static func lambdaProcessors(memory: Int) -> Double { Double(memory) / 1769 }

    /// The fewest and the most that can be asked for.
    package static let processorsRange = 0.01...256.0
}
