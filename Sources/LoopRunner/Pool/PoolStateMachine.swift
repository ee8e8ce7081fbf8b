internal import LoopModel

/// Decides which environment serves which invocation of one function; performs nothing.
///
/// Everything that happens to the pool is a method; what is to be done about it is what the method returns, in order.
/// An environment counts against the concurrency from its start until its last process is gone.
struct PoolStateMachine: Sendable {
    /// Names an environment within its pool; never reused.
    struct Slot: Hashable, Sendable {
        let rawValue: Int
    }

    /// Names an invocation within its pool; chosen by the caller, never reused.
    struct Ticket: Hashable, Sendable {
        let rawValue: Int
    }

    /// What is to be done.
    enum Action: Hashable, Sendable {
        /// Start an environment, in which this invocation will be the first.
        case start(Slot, ColdStartCause, for: Ticket)
        /// Send this invocation to this environment, which waits for one.
        case run(Ticket, on: Slot)
        /// End an idle environment.
        case retire(Slot, RetireReason)
        /// Answer with the error of the last initialization that failed: it is too early to try again.
        case failFast(Ticket)
        case reject(Ticket, Rejection)
    }

    /// Why an environment is ended that has done nothing wrong.
    enum RetireReason: String, Hashable, Sendable {
        case idle = "idle reaped"
        case stale = "code change"
        case replaced = "function replaced"
        case requested = "cold start requested"
        case removed = "function removed"
        case shutdown
    }

    /// Why an invocation is turned away.
    enum Rejection: Hashable, Sendable {
        case queueFull
        case removed
        case shuttingDown
    }

    /// The part of a function's configuration that concerns its pool.
    struct Limits: Hashable, Sendable {
        /// The most environments at once; 0: every invocation is turned away.
        var concurrency: Int
        /// The most invocations that wait for one.
        var queue: Int
        var keepAlive: Duration
    }

    private enum State: Hashable {
        /// Being started for this invocation.
        case starting(Ticket)
        case busy(Ticket)
        case idle(since: Instant)
        /// Not gone yet.
        case ending
    }

    private struct Environment {
        var state: State
        /// Of the configuration that it was started with.
        var generation: Int
    }

    private struct Waiting {
        var ticket: Ticket
        var isCold: Bool
    }

    private enum Phase: Hashable {
        case open
        case closed(Rejection, RetireReason)
    }

    private(set) var limits: Limits
    private var phase = Phase.open
    private var environments: [Slot: Environment] = [:]
    /// The most recently used last.
    private var idle: [Slot] = []
    private var queue: [Waiting] = []
    private var nextSlot = 0
    private var generation = 0
    /// Why there is one environment less than there was; nil once another took its place.
    private var loss: ColdStartCause?
    private var backOff = InitBackOff()

    init(limits: Limits) { self.limits = limits }

    /// Whether nothing is left: no environment, and none waiting for one.
    var isEmpty: Bool { environments.isEmpty && queue.isEmpty }

    /// How many invocations wait for an environment.
    var waiting: Int { queue.count }

    /// How many environments there are, those too that are being started or ended.
    var count: Int { environments.count }

    /// When ``reap(now:)`` will have something to do; nil when nothing is idle.
    var nextReap: Instant? { idle.first.flatMap(idleSince).map { $0 + limits.keepAlive } }

    // MARK: Invocations

    /// An invocation wants an environment.
    ///
    /// - Parameters:
    ///   - ticket: names it.
    ///   - isCold: whether it must be the first in its environment.
    ///   - now: the monotonic time.
    ///   - isFresh: whether the files that an idle environment has loaded are as they were; asked only about an
    ///     environment that would be used.
    /// - Returns: what is to be done.
    mutating func arrive(
        _ ticket: Ticket,
        isCold: Bool,
        now: Instant,
        isFresh: (Slot) -> Bool
    ) -> [Action] {
        if case .closed(let rejection, _) = phase { return [.reject(ticket, rejection)] }
        queue.append(Waiting(ticket: ticket, isCold: isCold))
        var actions: [Action] = []
        dispatch(now: now, isFresh: isFresh, into: &actions)
        // Those that wait for an environment that is ending wait for no other invocation: they do not count.
        if queue.count > limits.queue + environments.values.count(where: { $0.state == .ending }) {
            // Only the newest can be over the limit, and it is at the end if it is there still.
            queue.removeLast()
            actions.append(.reject(ticket, .queueFull))
        }
        return actions
    }

    /// An environment has loaded the handler.
    mutating func ready(_ slot: Slot) -> [Action] {
        guard case .starting(let ticket) = environments[slot]?.state else { return [] }
        backOff.succeeded()
        environments[slot]?.state = .busy(ticket)
        return [.run(ticket, on: slot)]
    }

    /// An environment has answered its invocation and is free.
    mutating func finished(_ slot: Slot, now: Instant, isFresh: (Slot) -> Bool) -> [Action] {
        guard let environment = environments[slot], case .busy = environment.state else { return [] }
        if case .closed(_, let reason) = phase {
            environments[slot]?.state = .ending
            return [.retire(slot, reason)]
        }
        if environment.generation != generation {
            environments[slot]?.state = .ending
            loss = .codeChange
            return [.retire(slot, .replaced)]
        }
        environments[slot]?.state = .idle(since: now)
        idle.append(slot)
        var actions: [Action] = []
        dispatch(now: now, isFresh: isFresh, into: &actions)
        return actions
    }

    // MARK: Ends

    /// An environment is being ended by someone else: it serves no other invocation.
    mutating func ending(_ slot: Slot) {
        guard environments[slot] != nil else { return }
        environments[slot]?.state = .ending
        idle.removeAll { $0 == slot }
    }

    /// An environment is gone, and with it the invocation that it had.
    ///
    /// - Parameters:
    ///   - slot: the environment.
    ///   - cause: what the next cold start is because of; nil for one that was retired by ``Action/retire(_:_:)``.
    ///   - now: the monotonic time.
    ///   - isFresh: as for an arrival.
    /// - Returns: what is to be done.
    mutating func ended(
        _ slot: Slot,
        cause: ColdStartCause?,
        now: Instant,
        isFresh: (Slot) -> Bool
    ) -> [Action] {
        guard environments.removeValue(forKey: slot) != nil else { return [] }
        idle.removeAll { $0 == slot }
        if let cause { loss = cause }
        if cause == .initFailure { backOff.failed(now: now) }
        var actions: [Action] = []
        dispatch(now: now, isFresh: isFresh, into: &actions)
        return actions
    }

    /// Ends the environments that have been idle for their time.
    mutating func reap(now: Instant) -> [Action] {
        var actions: [Action] = []
        while let slot = idle.first, let since = idleSince(slot), now - since >= limits.keepAlive {
            idle.removeFirst()
            environments[slot]?.state = .ending
            loss = .idleReaped
            actions.append(.retire(slot, .idle))
        }
        return actions
    }

    // MARK: The function

    /// The function has a new configuration; every environment of the old one is replaced as soon as it is free.
    mutating func replace(limits: Limits, now: Instant, isFresh: (Slot) -> Bool) -> [Action] {
        self.limits = limits
        generation += 1
        backOff.succeeded()
        var actions = retireIdle(.replaced)
        if !actions.isEmpty { loss = .codeChange }
        dispatch(now: now, isFresh: isFresh, into: &actions)
        return actions
    }

    /// Takes no more invocations: who waits is rejected, who runs is allowed to end.
    mutating func close(_ rejection: Rejection, retiring reason: RetireReason) -> [Action] {
        phase = .closed(rejection, reason)
        defer { queue = [] }
        return queue.map { .reject($0.ticket, rejection) } + retireIdle(reason)
    }

    // MARK: Decisions

    /// Serves who waits, in order, until one cannot be served.
    private mutating func dispatch(now: Instant, isFresh: (Slot) -> Bool, into actions: inout [Action]) {
        guard phase == .open else { return }
        while let head = queue.first {
            if !head.isCold, let slot = takeIdle(isFresh: isFresh, into: &actions) {
                queue.removeFirst()
                environments[slot]?.state = .busy(head.ticket)
                actions.append(.run(head.ticket, on: slot))
            } else if backOff.isTooEarly(now) {
                queue.removeFirst()
                actions.append(.failFast(head.ticket))
            } else if environments.count < limits.concurrency {
                queue.removeFirst()
                actions.append(start(for: head))
            } else {
                if head.isCold { makeRoom(into: &actions) }
                return
            }
        }
    }

    /// The most recently used idle environment whose files are as they were; ends those on the way whose are not.
    private mutating func takeIdle(isFresh: (Slot) -> Bool, into actions: inout [Action]) -> Slot? {
        while let slot = idle.popLast() {
            if isFresh(slot) { return slot }
            environments[slot]?.state = .ending
            loss = .codeChange
            actions.append(.retire(slot, .stale))
        }
        return nil
    }

    private mutating func start(for head: Waiting) -> Action {
        let slot = Slot(rawValue: nextSlot)
        let cause = cause(of: head)
        nextSlot += 1
        loss = nil
        environments[slot] = Environment(state: .starting(head.ticket), generation: generation)
        return .start(slot, cause, for: head.ticket)
    }

    private func cause(of head: Waiting) -> ColdStartCause {
        if head.isCold { return .requested }
        if nextSlot == 0 { return .first }
        return loss ?? .scaleOut
    }

    /// Ends the least recently used idle environment, unless one is ending already.
    private mutating func makeRoom(into actions: inout [Action]) {
        guard !environments.values.contains(where: { $0.state == .ending }), let slot = idle.first else { return }
        idle.removeFirst()
        environments[slot]?.state = .ending
        actions.append(.retire(slot, .requested))
    }

    private mutating func retireIdle(_ reason: RetireReason) -> [Action] {
        defer { idle = [] }
        return idle.map { slot in
            environments[slot]?.state = .ending
            return .retire(slot, reason)
        }
    }

    private func idleSince(_ slot: Slot) -> Instant? {
        guard case .idle(let since) = environments[slot]?.state else { return nil }
        return since
    }
}
