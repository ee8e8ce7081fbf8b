/// What is done to one invocation on purpose, to see what it leaves for the next.
///
/// The handler's asynchronous work is the coroutine that its host runs, or those that it gives to a loop itself. Each
/// time it waits for something that is not there yet is one suspension.
package struct InvocationFault: Hashable, Sendable {
    package var kind: Kind
    /// At which suspension, counted from 1 through the whole invocation; where there are fewer, nothing is done.
    package var at: Int

    package init(_ kind: Kind, at suspension: Int = 1) {
        self.kind = kind
        at = suspension
    }

    package enum Kind: String, Sendable, Codable, CaseIterable {
        /// What is waited for fails with a `ConnectionResetError`.
        case exception
        /// The task is cancelled, as by a client that has gone or by a time limit around it.
        case cancellation
        /// What is waited for never comes: the invocation runs out of time, and its environment is reset. A handler with
        /// fewer suspensions hangs at its end.
        case hang
    }
}
