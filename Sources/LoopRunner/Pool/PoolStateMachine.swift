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
        /// Start an environment, in which this invocation will be the first; nil: ahead of any invocation.
        case start(Slot, ColdStartCause, for: Ticket?)
        /// Send this invocation to this environment, which waits for one.
        case run(Ticket, on: Slot)
        /// End an environment that has no invocation.
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
        /// Environments may not be added any faster.
        case scalingRate
        /// More requests in a second than ``Limits/requestsPerSecond``.
        case requestRate
        /// All functions together have as many as they may.
        case accountConcurrency
        case accountRequestRate
        case removed
        case shuttingDown
    }

    /// The part of a function's configuration that concerns its pool.
    struct Limits: Hashable, Sendable {
        /// The most environments at once; 0: every invocation is turned away.
        var concurrency: Int
        /// The most invocations that wait for one.
        var queue: Int
        /// The function's keep-alive time; what it means is up to ``policy``.
        var keepAlive: Duration
        var policy = KeepAliveChoice.fixed
        /// Environments that are kept ready whatever the policy says.
        var provisioned = 0
        /// How fast environments may be added for invocations.
        var scaling = ScalingRate()
        /// nil: any number.
        var requestsPerSecond: Int?
        /// Whether the last error is given again while it is too early to load the handler once more.
        var failsFast = true
    }

    enum State: Hashable {
        /// Being started for this invocation; nil: ahead of any.
        case starting(Ticket?)
        case busy(Ticket)
        case idle(since: Instant)
        /// Not gone yet.
        case ending

        /// Whether an invocation has it.
        var isOccupied: Bool {
            switch self {
            case .starting(let ticket): ticket != nil
            case .busy: true
            case .idle, .ending: false
            }
        }
    }

    /// What an environment is kept for.
    enum Purpose: Hashable {
        case onDemand
        /// One of ``Limits/provisioned``.
        case provisioned
        /// Started ahead of an expected invocation, and not used yet.
        case preWarmed
    }

    struct Environment {
        var state: State
        var purpose: Purpose
        /// Of the configuration that it was started with.
        var generation: Int
        var hasServed = false
    }

    private struct Waiting {
        var ticket: Ticket
        var isCold: Bool
    }

    private enum Phase: Hashable {
        case open
        case closed(Rejection, RetireReason)
    }

    var limits: Limits
    private var phase = Phase.open
    private(set) var environments: [Slot: Environment] = [:]
    /// Since when longest first.
    private(set) var idle: [Slot] = []
    private var queue: [Waiting] = []
    private var nextSlot = 0
    private(set) var generation = 0
    /// Why there is one environment less than there was; nil once another took its place.
    private(set) var loss: ColdStartCause?
    private(set) var backOff = InitBackOff()
    private var starts: RateLimiter
    private var requests: RateLimiter?
    /// When who waits may have an environment that could not be started sooner; nil: they wait for something else.
    private(set) var heldUntil: Instant?
    /// How many environments have an invocation.
    private var occupied = 0
    /// How many are being started ahead of any.
    private(set) var startedAhead = 0
    private(set) var keepAlive: any KeepAlivePolicy
    /// Since when the function has no invocation; nil: it has one, or never had any.
    private(set) var idleFrom: Instant?
    private var wasInvoked = false
    /// Whether an environment was started ahead in this idle time.
    var hasPreWarmed = false
    var provisioning = ProvisioningState()

    init(limits: Limits) {
        self.limits = limits
        starts = Self.starts(limits)
        requests = Self.requests(limits)
        keepAlive = AllKeepAlivePolicies.make(limits.policy, time: limits.keepAlive)
    }

    /// Whether nothing is left: no environment, and none waiting for one.
    var isEmpty: Bool { environments.isEmpty && queue.isEmpty }

    /// How many invocations wait for an environment.
    var waiting: Int { queue.count }

    /// How many invocations run or wait.
    var inFlight: Int { queue.count + occupied }

    /// How many environments there are, those too that are being started or ended.
    var count: Int { environments.count }

    var isOpen: Bool { phase == .open }

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
        if requests?.take(at: now) == false { return [.reject(ticket, .requestRate)] }
        if let idleFrom { keepAlive.observe(idle: now - idleFrom) }
        (idleFrom, wasInvoked) = (nil, true)
        queue.append(Waiting(ticket: ticket, isCold: isCold))
        var actions: [Action] = []
        dispatch(now: now, isFresh: isFresh, into: &actions)
        // Those that wait for an environment that is ending or coming wait for no other invocation: they do not count.
        if queue.count > limits.queue,
            queue.count > limits.queue + startedAhead + environments.values.count(where: { $0.state == .ending })
        {
            // Only the newest can be over the limit, and it is at the end if it is there still.
            queue.removeLast()
            actions.append(.reject(ticket, heldUntil == nil ? .queueFull : .scalingRate))
            if queue.isEmpty { heldUntil = nil }
        }
        settle(now: now, into: &actions)
        return actions
    }

    /// An environment has loaded the handler.
    mutating func ready(_ slot: Slot, now: Instant, isFresh: (Slot) -> Bool) -> [Action] {
        guard let environment = environments[slot], case .starting(let ticket) = environment.state else { return [] }
        backOff.succeeded()
        provisioning.hasFailed = false
        var actions: [Action] = []
        if let ticket {
            set(.busy(ticket), of: slot)
            actions.append(.run(ticket, on: slot))
        } else if let reason = reasonToGo(environment) {
            set(.ending, of: slot)
            actions.append(.retire(slot, reason))
        } else {
            rest(slot, since: now)
            dispatch(now: now, isFresh: isFresh, into: &actions)
        }
        settle(now: now, into: &actions)
        return actions
    }

    /// An environment's process ended before it had loaded the handler, and another is started in its place.
    mutating func restarting(_ slot: Slot, for ticket: Ticket) {
        guard case .ending = environments[slot]?.state else { return }
        set(.starting(ticket), of: slot)
    }

    /// An environment has answered its invocation and is free.
    mutating func finished(_ slot: Slot, now: Instant, isFresh: (Slot) -> Bool) -> [Action] {
        guard let environment = environments[slot], case .busy = environment.state else { return [] }
        var actions: [Action] = []
        if let reason = reasonToGo(environment) {
            set(.ending, of: slot)
            if reason == .replaced { loss = .codeChange }
            actions.append(.retire(slot, reason))
        } else {
            rest(slot, since: now)
            dispatch(now: now, isFresh: isFresh, into: &actions)
        }
        settle(now: now, into: &actions)
        return actions
    }

    // MARK: Ends

    /// An environment is being ended by someone else: it serves no other invocation.
    mutating func ending(_ slot: Slot) {
        guard environments[slot] != nil else { return }
        set(.ending, of: slot)
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
        guard let environment = environments[slot] else { return [] }
        set(.ending, of: slot)
        environments[slot] = nil
        idle.removeAll { $0 == slot }
        if let cause { loss = cause }
        if cause == .initFailure { backOff.failed(now: now) }
        if environment.purpose == .provisioned { provisioning.lost(environment, cause, now: now) }
        var actions: [Action] = []
        dispatch(now: now, isFresh: isFresh, into: &actions)
        settle(now: now, into: &actions)
        return actions
    }

    // MARK: Time

    /// When ``tend(now:isFresh:)`` will have something to do; nil: not as things are.
    var nextDue: Instant? {
        [nextExpiry, preWarmingDue, heldUntil, provisioning.pausedUntil].compactMap(\.self).min()
    }

    /// Does what time alone brings: ends environments that were idle for their time, the longest idle first, and starts
    /// those that are wanted ahead or had to wait.
    mutating func tend(now: Instant, isFresh: (Slot) -> Bool) -> [Action] {
        var actions: [Action] = []
        while let slot = idle.first(where: { expiry(of: $0).map { $0 <= now } ?? false }) {
            retire(slot, .idle, because: .idleReaped, into: &actions)
        }
        if let due = preWarmingDue, due <= now { preWarm(into: &actions) }
        dispatch(now: now, isFresh: isFresh, into: &actions)
        settle(now: now, into: &actions)
        return actions
    }

    // MARK: The function

    /// The function has a new configuration; every environment of the old one is replaced as soon as it is free.
    mutating func replace(limits: Limits, now: Instant, isFresh: (Slot) -> Bool) -> [Action] {
        // What was learnt of the function stays true, and so does how fast it has grown.
        if (limits.policy, limits.keepAlive) != (self.limits.policy, self.limits.keepAlive) {
            keepAlive = AllKeepAlivePolicies.make(limits.policy, time: limits.keepAlive)
        }
        if limits.scaling != self.limits.scaling { starts = Self.starts(limits) }
        if limits.requestsPerSecond != self.limits.requestsPerSecond { requests = Self.requests(limits) }
        self.limits = limits
        generation += 1
        backOff.succeeded()
        provisioning = ProvisioningState()
        var actions = retireUnoccupied(.replaced)
        if !actions.isEmpty { loss = .codeChange }
        dispatch(now: now, isFresh: isFresh, into: &actions)
        settle(now: now, into: &actions)
        return actions
    }

    /// Takes no more invocations: who waits is rejected, who runs is allowed to end.
    mutating func close(_ rejection: Rejection, retiring reason: RetireReason) -> [Action] {
        phase = .closed(rejection, reason)
        heldUntil = nil
        provisioning.pausedUntil = nil
        defer { queue = [] }
        return queue.map { .reject($0.ticket, rejection) } + retireUnoccupied(reason)
    }

    /// The function was idle for so long in an earlier life of the daemon, and then an invocation came.
    mutating func recall(idle: Duration) { keepAlive.observe(idle: idle) }

    // MARK: Decisions

    /// Serves who waits, in order, until one cannot be served.
    private mutating func dispatch(now: Instant, isFresh: (Slot) -> Bool, into actions: inout [Action]) {
        heldUntil = nil
        guard phase == .open else { return }
        while let head = queue.first {
            if !head.isCold, let slot = takeIdle(isFresh: isFresh, into: &actions) {
                queue.removeFirst()
                set(.busy(head.ticket), of: slot)
                actions.append(.run(head.ticket, on: slot))
            } else if !head.isCold, queue.count(where: { !$0.isCold }) <= startedAhead {
                // One that is coming is ready sooner than another would be.
                return
            } else if limits.failsFast, backOff.isTooEarly(now) {
                queue.removeFirst()
                actions.append(.failFast(head.ticket))
            } else if environments.count < limits.concurrency {
                guard starts.take(at: now) else {
                    heldUntil = starts.nextToken
                    return
                }
                queue.removeFirst()
                let cause = cause(of: head)
                actions.append(.start(add(.onDemand, for: head.ticket), cause, for: head.ticket))
            } else {
                if head.isCold { makeRoom(into: &actions) }
                return
            }
        }
    }

    /// What follows from every change: as many provisioned environments as there are to be, and since when it is idle.
    private mutating func settle(now: Instant, into actions: inout [Action]) {
        if occupied == 0, queue.isEmpty, idleFrom == nil, wasInvoked {
            idleFrom = now
            hasPreWarmed = false
        }
        topUp(now: now, into: &actions)
    }

    /// The most recently used idle environment whose files are as they were, a provisioned one first; ends those on the
    /// way whose are not.
    private mutating func takeIdle(isFresh: (Slot) -> Bool, into actions: inout [Action]) -> Slot? {
        while let last = idle.indices.last {
            let provisioned = limits.provisioned > 0 ? idle.lastIndex(where: isProvisioned) : nil
            let slot = idle.remove(at: provisioned ?? last)
            if isFresh(slot) { return slot }
            set(.ending, of: slot)
            loss = .codeChange
            actions.append(.retire(slot, .stale))
        }
        return nil
    }

    func isProvisioned(_ slot: Slot) -> Bool { environments[slot]?.purpose == .provisioned }

    private func cause(of head: Waiting) -> ColdStartCause {
        if head.isCold { return .requested }
        if nextSlot == 0 { return .first }
        return loss ?? .scaleOut
    }

    /// Ends the least recently used idle environment, unless one is ending already.
    private mutating func makeRoom(into actions: inout [Action]) {
        guard !environments.values.contains(where: { $0.state == .ending }),
            let slot = idle.first(where: { !isProvisioned($0) }) ?? idle.first
        else { return }
        retire(slot, .requested, because: nil, into: &actions)
    }

    /// Why an environment that is free cannot stay; nil: it can.
    private func reasonToGo(_ environment: Environment) -> RetireReason? {
        if case .closed(_, let reason) = phase { return reason }
        return environment.generation == generation ? nil : .replaced
    }

    // MARK: Changes

    /// Adds an environment that is being started.
    mutating func add(_ purpose: Purpose, for ticket: Ticket?) -> Slot {
        let slot = Slot(rawValue: nextSlot)
        nextSlot += 1
        loss = nil
        environments[slot] = Environment(state: .starting(ticket), purpose: purpose, generation: generation)
        if ticket == nil { startedAhead += 1 } else { occupied += 1 }
        return slot
    }

    private mutating func rest(_ slot: Slot, since now: Instant) {
        set(.idle(since: now), of: slot)
        idle.append(slot)
    }

    private mutating func set(_ state: State, of slot: Slot) {
        guard let old = environments[slot] else { return }
        occupied += (state.isOccupied ? 1 : 0) - (old.state.isOccupied ? 1 : 0)
        // Only what is added is started.
        if old.state == .starting(nil) { startedAhead -= 1 }
        environments[slot]?.state = state
        guard case .busy = state else { return }
        environments[slot]?.hasServed = true
        if old.purpose == .preWarmed { environments[slot]?.purpose = .onDemand }
        if old.purpose == .provisioned { provisioning.served() }
    }

    mutating func change(_ purpose: Purpose, of slot: Slot) { environments[slot]?.purpose = purpose }

    /// Ends an idle environment.
    ///
    /// - Parameters:
    ///   - slot: the environment.
    ///   - reason: why.
    ///   - cause: what the next cold start is because of; nil: that stays as it is.
    ///   - actions: gets the end.
    mutating func retire(
        _ slot: Slot,
        _ reason: RetireReason,
        because cause: ColdStartCause?,
        into actions: inout [Action]
    ) {
        idle.removeAll { $0 == slot }
        set(.ending, of: slot)
        if let cause { loss = cause }
        actions.append(.retire(slot, reason))
    }

    /// Ends what no invocation has: what is idle, and what is being started ahead.
    private mutating func retireUnoccupied(_ reason: RetireReason) -> [Action] {
        let coming = environments.filter { $0.value.state == .starting(nil) }.keys
        let slots = idle + coming.sorted { $0.rawValue < $1.rawValue }
        idle = []
        return slots.map { slot in
            set(.ending, of: slot)
            return .retire(slot, reason)
        }
    }

    private static func starts(_ limits: Limits) -> RateLimiter {
        RateLimiter(limits.scaling.environments, per: limits.scaling.period)
    }

    private static func requests(_ limits: Limits) -> RateLimiter? {
        limits.requestsPerSecond.map { RateLimiter($0, per: .seconds(1)) }
    }
}
