package import LoopModel

/// What is told of everything the runner does: the recorder's side of the runner.
///
/// The calls are made in the order in which things happened, on the runner's event loop; none may block. Each event of
/// an environment is handed on exactly once, in the order of ``LoopEvent/sequence``, by the first call that is made
/// after it was received.
package protocol RunObserving: Sendable {
    /// An environment is being started; always called before any other call that names it.
    func environmentStarted(_ environment: EnvironmentRecord)

    /// The handler is loaded.
    ///
    /// - Parameters:
    ///   - environment: the record with what the worker said of itself.
    ///   - events: what the probe saw while the handler was loaded.
    ///   - initialization: from the start of the process to the worker's word that the handler is loaded.
    func environmentReady(_ environment: EnvironmentRecord, events: [LoopEvent], initialization: Duration)

    /// A worker has told what was imported while its handler was loaded, or by its first invocation.
    func environmentImported(_ environment: EnvironmentID, _ imports: ImportReport)

    /// An invocation was given to an environment, which may be starting; its outcome is nil.
    func invocationStarted(_ invocation: InvocationRecord)

    /// An invocation reached its terminal state; called exactly once for each, also for one that was rejected, which
    /// never started.
    ///
    /// - Parameters:
    ///   - invocation: the record with what belongs to it.
    ///   - committed: to be called exactly once, on any thread but not before this call has returned, when the record is
    ///     stored or could not be; the invocation is answered only then.
    func invocationEnded(
        _ invocation: EndedInvocation,
        committed: @escaping @Sendable (Result<[Finding], any Error>) -> Void
    )

    /// The runner has done all that is to be done for now; called after each ``invocationEnded(_:committed:)``, whose
    /// `committed` may be called before this returns.
    func turnEnded()

    /// An environment's processes were stopped, or are stopped no longer: the same span again, with its end.
    func environmentFroze(_ span: FreezeSpan)

    /// An invocation was handed to its handler.
    func invocationSent(_ invocation: InvocationRecord, at moment: WallTime)

    /// An environment prints something; told as it comes, on any thread, in order for each environment.
    ///
    /// It is handed on as a whole again, with what it belongs to: in ``InvocationRecord/logTail``, or by
    /// ``environmentPrinted(_:_:)``.
    func printing(_ environment: EnvironmentID, _ bytes: UnsafeRawBufferPointer, at moment: WallTime)

    /// What an environment has printed outside of any invocation.
    func environmentPrinted(_ environment: EnvironmentID, _ output: EnvironmentOutput)

    /// An environment's process is gone and everything it had started with it; the last call that names it.
    ///
    /// - Parameters:
    ///   - environment: the record with its end.
    ///   - events: what no earlier call has handed on: the shutdown phase, or what a dying worker left.
    func environmentEnded(_ environment: EnvironmentRecord, events: [LoopEvent])
}

extension RunObserving {
    package func environmentImported(_ environment: EnvironmentID, _ imports: ImportReport) {}
    package func environmentFroze(_ span: FreezeSpan) {}
    package func invocationSent(_ invocation: InvocationRecord, at moment: WallTime) {}
    package func printing(_ environment: EnvironmentID, _ bytes: UnsafeRawBufferPointer, at moment: WallTime) {}
    package func environmentPrinted(_ environment: EnvironmentID, _ output: EnvironmentOutput) {}
}

/// An invocation in its terminal state, with what the probe saw of it.
package struct EndedInvocation: Sendable {
    package var record: InvocationRecord
    /// Everything the environment had reported since the call before.
    package var events: [LoopEvent]

    package init(record: InvocationRecord, events: [LoopEvent]) {
        self.record = record
        self.events = events
    }
}
