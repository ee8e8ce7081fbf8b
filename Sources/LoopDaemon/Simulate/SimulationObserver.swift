import LoopModel
import LoopOS
import LoopRunner

/// Counts what happens in a simulation, by simulated time, and passes it on.
final class SimulationObserver: RunObserving, Sendable {
    private let next: any RunObserving
    private let clock: PoolClock
    /// Rung when an environment is there or gone.
    private let bell: Bell
    private let state: Locked<[FunctionName: FunctionTally]>
    /// The simulation's beginning, by its clock; nil: it has not begun, and what happens is at its beginning.
    private let begin = Locked<Instant?>(nil)

    init(before next: any RunObserving, of functions: [FunctionName], clock: PoolClock, bell: Bell) {
        self.next = next
        self.clock = clock
        self.bell = bell
        state = Locked(Dictionary(functions.map { ($0, FunctionTally(function: $0)) }) { first, _ in first })
    }

    /// What was counted so far.
    var tallies: [FunctionTally] { state.withLock { Array($0.values) } }

    /// How many invocations have ended, and how many environments there are.
    var extent: (invocations: Int, environments: Int) {
        state.withLock { state in
            state.values.reduce(into: (0, 0)) { sum, tally in
                sum.0 += tally.invocations
                sum.1 += tally.environments.level
            }
        }
    }

    func note(peakMemory: Int, of function: FunctionName) {
        state.withLock { $0[function]?.note(peakMemory: peakMemory) }
    }

    private var moment: Duration { begin.withLock(\.self).map { clock.now() - $0 } ?? .zero }

    /// Says that the simulation begins now.
    func begins(at instant: Instant) { begin.withLock { $0 = instant } }

    func environmentStarted(_ environment: EnvironmentRecord) {
        state.withLock { $0[environment.function]?.environmentStarted(at: moment) }
        next.environmentStarted(environment)
    }

    func environmentReady(_ environment: EnvironmentRecord, events: [LoopEvent], initialization: Duration) {
        next.environmentReady(environment, events: events, initialization: initialization)
        bell.ring()
    }

    func invocationStarted(_ invocation: InvocationRecord) { next.invocationStarted(invocation) }

    func invocationEnded(
        _ invocation: EndedInvocation,
        committed: @escaping @Sendable (Result<[Finding], any Error>) -> Void
    ) {
        state.withLock { $0[invocation.record.function]?.take(invocation.record) }
        next.invocationEnded(invocation, committed: committed)
    }

    func turnEnded() { next.turnEnded() }

    func environmentFroze(_ span: FreezeSpan) { next.environmentFroze(span) }

    func environmentEnded(_ environment: EnvironmentRecord, events: [LoopEvent]) {
        state.withLock { $0[environment.function]?.environmentEnded(at: moment) }
        next.environmentEnded(environment, events: events)
        bell.ring()
    }
}
