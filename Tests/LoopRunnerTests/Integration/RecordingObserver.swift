import LoopModel
import LoopOS
import LoopRunner
import NIOCore

/// Keeps all that a runner says, and holds it to the order that it promises.
final class RecordingObserver: RunObserving {
    struct Log {
        var environments: [EnvironmentID: EnvironmentRecord] = [:]
        var ended: [EnvironmentRecord] = []
        var started: [InvocationRecord] = []
        var invocations: [InvocationRecord] = []
        /// By environment, in the order in which they were handed on.
        var events: [EnvironmentID: [LoopEvent]] = [:]
        /// Each begin and each end.
        var freezes: [FreezeSpan] = []
        /// What was not as promised.
        var complaints: [String] = []
    }

    let log = Locked(Log())
    private let eventLoop: any EventLoop
    private let failure: (any Error)?

    init(eventLoop: any EventLoop, failure: (any Error)? = nil) {
        self.eventLoop = eventLoop
        self.failure = failure
    }

    func environmentStarted(_ environment: EnvironmentRecord) {
        log.withLock {
            if $0.environments[environment.id] != nil { $0.complaints.append("started twice") }
            $0.environments[environment.id] = environment
        }
    }

    func environmentReady(_ environment: EnvironmentRecord, events: [LoopEvent], initialization: Duration) {
        log.withLock {
            if $0.environments[environment.id] == nil { $0.complaints.append("ready before start") }
            if initialization <= .zero { $0.complaints.append("no time for the initialization") }
            $0.environments[environment.id] = environment
            $0.take(events, of: environment.id)
        }
    }

    func invocationStarted(_ invocation: InvocationRecord) {
        log.withLock {
            if invocation.outcome != nil { $0.complaints.append("an outcome at the start") }
            $0.started.append(invocation)
        }
    }

    func invocationEnded(
        _ invocation: EndedInvocation,
        committed: @escaping @Sendable (Result<[Finding], any Error>) -> Void
    ) {
        log.withLock {
            if invocation.record.outcome == nil { $0.complaints.append("no outcome at the end") }
            if $0.invocations.contains(where: { $0.id == invocation.record.id }) { $0.complaints.append("ended twice") }
            $0.invocations.append(invocation.record)
            if let id = invocation.record.environment { $0.take(invocation.events, of: id) }
        }
        let failure = failure
        eventLoop.execute { committed(failure.map(Result.failure) ?? .success([])) }
    }

    func turnEnded() {}

    func environmentFroze(_ span: FreezeSpan) { log.withLock { $0.freezes.append(span) } }

    func environmentEnded(_ environment: EnvironmentRecord, events: [LoopEvent]) {
        log.withLock {
            if $0.ended.contains(where: { $0.id == environment.id }) {
                $0.complaints.append("an environment ended twice")
            }
            $0.ended.append(environment)
            $0.take(events, of: environment.id)
        }
    }
}

extension RecordingObserver.Log {
    mutating func take(_ new: [LoopEvent], of environment: EnvironmentID) {
        let count = Int64(events[environment]?.count ?? 0)
        if new.map(\.sequence) != (0..<new.count).map({ count + Int64($0) }) {
            complaints.append("events out of order")
        }
        if ended.dropLast().contains(where: { $0.id == environment }) { complaints.append("events after the end") }
        events[environment, default: []] += new
    }
}
