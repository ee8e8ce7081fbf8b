internal import LoopModel

/// What a pool remembers of the environments that it is to keep ready.
struct ProvisioningState: Sendable {
    /// Whether one could not load the handler: no other is tried until the handler was loaded once, or was changed.
    var hasFailed = false
    /// When one that ended without having served may be replaced; nil: none has to wait.
    var pausedUntil: Instant?
    /// Of those that ended without having served.
    private(set) var replacements = InitBackOff()

    mutating func lost(_ environment: PoolStateMachine.Environment, _ cause: ColdStartCause?, now: Instant) {
        guard !environment.hasServed, let cause else { return }
        if cause == .initFailure { hasFailed = true }
        replacements.failed(now: now)
    }

    mutating func served() { replacements.succeeded() }
}
