internal import LoopModel

/// An invocation between its request and its terminal state.
struct RunningInvocation {
    typealias Completion = @Sendable (Result<InvocationAnswer, InvocationRejection>) -> Void

    var request: InvocationRequest
    var record: InvocationRecord
    let receivedAt: Instant
    /// When it was sent to the worker.
    var sentAt: Instant?
    /// Whether the worker has said that it did what ``InvocationRequest/fault`` asks for.
    var wasFaultApplied = false
    /// Whether it failed because there is nothing to run the function with.
    var isUnprepared = false
    var completion: Completion
}
