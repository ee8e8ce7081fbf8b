/// What a runtime has told the Runtime API so far, and so what it may tell now: a value without I/O.
///
/// In the order of AWS Lambda's own emulator: an invocation's id is looked at before the state is changed, and a change
/// is never taken back.
package struct RuntimeAPIState: Hashable, Sendable {
    private enum State: Hashable {
        /// The function is being loaded.
        case started
        case restoring
        case initError
        /// It waits for an invocation.
        case ready
        case running(String)
        /// Its answer is being received.
        case answering(String, isError: Bool)
        case responseSent(String)
    }

    /// What a request for the next invocation means.
    package enum Next: Hashable, Sendable {
        /// The first: the function is loaded, and there is nothing to do yet.
        case loaded
        /// The invocation before is over, and what came after its answer.
        case free
        /// It waits already: one more that asks.
        case waiting
        /// It has an invocation, which is given to it again.
        case again
    }

    private var state = State.started

    package init() {}

    /// The id of the invocation that it has and has not answered.
    package var running: String? { if case .running(let id) = state { id } else { nil } }

    /// The names that AWS Lambda's emulator has for the states.
    private var name: String {
        switch state {
        case .started: "Started"
        case .restoring: "Restoring"
        case .initError: "InitError"
        case .ready: "Ready"
        case .running: "Running"
        case .answering(_, isError: false): "InvocationResponse"
        case .answering(_, isError: true): "InvocationErrorResponse"
        case .responseSent: "RuntimeResponseSentState"
        }
    }

    private var id: String? {
        switch state {
        case .running(let id), .answering(let id, _), .responseSent(let id): id
        case .started, .restoring, .initError, .ready: nil
        }
    }

    // MARK: What the runtime asks

    package mutating func next() throws(RuntimeAPIFailure) -> Next {
        switch state {
        case .started, .restoring:
            state = .ready
            return .loaded
        case .responseSent:
            state = .ready
            return .free
        case .ready: return .waiting
        case .running: return .again
        case .initError, .answering: throw .invalidStateTransition(from: name, to: "Ready")
        }
    }

    /// Its answer to an invocation begins to arrive.
    ///
    /// - Parameters:
    ///   - id: of the invocation that it names.
    ///   - isError: whether it is an error.
    /// - Throws: when it has no such invocation, or has answered it.
    package mutating func answer(_ id: String, isError: Bool) throws(RuntimeAPIFailure) {
        guard let own = self.id, own == id else { throw .invalidRequestID }
        guard case .running = state else {
            let wanted = isError ? "InvocationErrorResponse" : "InvocationResponse"
            throw .invalidStateTransition(from: name, to: wanted)
        }
        state = .answering(id, isError: isError)
    }

    /// The function could not be loaded; or, while it is restored, what was to be done then has failed.
    package mutating func initError() throws(RuntimeAPIFailure) {
        guard state == .started || state == .restoring else {
            throw .invalidStateTransition(from: name, to: "InitError")
        }
        state = .initError
    }

    package mutating func restoreNext() throws(RuntimeAPIFailure) {
        guard state == .started else { throw .invalidStateTransition(from: name, to: "RestoreReady") }
        state = .restoring
    }

    package mutating func restoreError() throws(RuntimeAPIFailure) {
        guard state == .restoring else { throw .invalidStateTransition(from: name, to: "RestoreError") }
        state = .initError
    }

    // MARK: What the host does

    /// It was given an invocation.
    package mutating func began(_ id: String) { if state == .ready { state = .running(id) } }

    /// All of its answer was received.
    package mutating func answered() { if case .answering(let id, _) = state { state = .responseSent(id) } }
}
