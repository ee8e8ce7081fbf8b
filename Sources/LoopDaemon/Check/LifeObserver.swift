import LoopModel
import LoopOS
import LoopRunner

/// Knows which of a function's environments there are, for those who wait for their ends; the recorder is told of all.
final class LifeObserver: RunObserving, Sendable {
    private let recorder: Recorder
    private let state = Locked<[FunctionName: Environments]>([:])

    private struct Environments {
        var there = 0
        var ended: [EnvironmentRecord] = []
        var waiter: CheckedContinuation<[EnvironmentRecord], Never>?
    }

    init(_ recorder: Recorder) { self.recorder = recorder }

    /// Returns when a function has no environment: those that have ended since the last call.
    func ends(of function: FunctionName) async -> [EnvironmentRecord] {
        await withCheckedContinuation { continuation in
            let ended = state.withLock { state -> [EnvironmentRecord]? in
                guard let environments = state[function] else { return [] }
                guard environments.there > 0 else {
                    state[function] = nil
                    return environments.ended
                }
                state[function]?.waiter = continuation
                return nil
            }
            if let ended { continuation.resume(returning: ended) }
        }
    }

    func environmentStarted(_ environment: EnvironmentRecord) {
        state.withLock { $0[environment.function, default: Environments()].there += 1 }
        recorder.environmentStarted(environment)
    }

    func environmentReady(_ environment: EnvironmentRecord, events: [LoopEvent], initialization: Duration) {
        recorder.environmentReady(environment, events: events, initialization: initialization)
    }

    func invocationStarted(_ invocation: InvocationRecord) { recorder.invocationStarted(invocation) }

    func invocationEnded(
        _ invocation: EndedInvocation,
        committed: @escaping @Sendable (Result<[Finding], any Error>) -> Void
    ) {
        recorder.invocationEnded(invocation, committed: committed)
    }

    func turnEnded() { recorder.turnEnded() }

    func environmentFroze(_ span: FreezeSpan) { recorder.environmentFroze(span) }

    func environmentEnded(_ environment: EnvironmentRecord, events: [LoopEvent]) {
        // First, so that who waits finds it recorded after a flush.
        recorder.environmentEnded(environment, events: events)
        let function = environment.function
        let (waiter, ended) = state.withLock {
            state -> (CheckedContinuation<[EnvironmentRecord], Never>?, [EnvironmentRecord]) in
            state[function]?.there -= 1
            state[function]?.ended.append(environment)
            guard let environments = state[function], environments.there == 0, let waiter = environments.waiter else {
                return (nil, [])
            }
            state[function] = nil
            return (waiter, environments.ended)
        }
        waiter?.resume(returning: ended)
    }
}
