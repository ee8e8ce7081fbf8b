/// A process that environments are forked from, at one instant.
package struct ZygoteStatus: Hashable, Sendable {
    package var interpreter: String
    /// Modules that it has imported, by their names.
    package var preload: [String]
    package var state: State
    /// nil: there is none.
    package var processID: Int32?
    /// How many environments it was taken for.
    package var forks = 0
    /// Forks that wait for their environments, by their numbers.
    package var waiting: [Int32] = []
    /// How many there were before it that did not end because nobody wanted them.
    package var replaced = 0
    package var replacedAt: WallTime?
    /// Why the last of these was replaced, or why there is none.
    package var reason: String?
    /// Of the process, in bytes, with its part of what it shares with others; nil: nobody has looked.
    package var memory: Int?
    /// The same of the forks that wait.
    package var waitingMemory: Int?

    package init(interpreter: String, preload: [String], state: State) {
        self.interpreter = interpreter
        self.preload = preload
        self.state = state
    }

    package enum State: String, Sendable, CaseIterable {
        /// It imports what it is to have ready.
        case starting
        case ready
        /// Nothing can be forked; environments are spawned for the time being.
        case refused
        /// The next environment gets another.
        case gone
    }
}
