/// Whether a function can be invoked, as far as what it is made of is concerned.
package struct FunctionReadiness: Hashable, Sendable {
    package var state = State.ready
    /// Whether it could be invoked before, as it was then.
    package var wasReady = true

    package init() {}

    package enum State: Hashable, Sendable {
        case ready
        /// What it needs is being put together; what goes on, in a few words.
        case preparing(String)
        /// What it needs cannot be had, and why. It is tried again with an invocation.
        case failed(String)
    }
}
