internal import LoopModel

// Environments that no invocation has asked for: those that are kept ready, and those that are started ahead of an
// expected invocation; and when idle ones end.

extension PoolStateMachine {
    /// How many are started ahead at the same time: many processes that begin at once are all slow.
    static let mostStartedAhead = 8

    // MARK: Idle environments

    /// When an idle environment is to end; nil: not because of the time.
    func expiry(of slot: Slot) -> Instant? {
        guard let environment = environments[slot], case .idle(let since) = environment.state else { return nil }
        switch environment.purpose {
        case .provisioned: return nil
        case .preWarmed: return since + keepAlive.windows.keepAlive
        case .onDemand:
            // Loaded again in time, there is no need of it until then.
            if keepAlive.windows.preWarming > .zero, let idleFrom { return max(since, idleFrom) }
            return since + keepAlive.windows.keepAlive
        }
    }

    var nextExpiry: Instant? {
        // They are in the order in which they became idle: of each purpose, the first is the first to end.
        let onDemand = idle.first { environments[$0]?.purpose == .onDemand }
        let preWarmed =
            keepAlive.windows.preWarming > .zero ? idle.first { environments[$0]?.purpose == .preWarmed } : nil
        return [onDemand, preWarmed].compactMap { $0.flatMap(expiry) }.min()
    }

    // MARK: Expected invocations

    /// When an environment is to be started ahead of the next invocation; nil: none is.
    var preWarmingDue: Instant? {
        let window = keepAlive.windows.preWarming
        guard isOpen, window > .zero, !hasPreWarmed, let idleFrom else { return nil }
        return idleFrom + window
    }

    /// Starts one for the expected invocation, if there is none that it could have.
    mutating func preWarm(into actions: inout [Action]) {
        hasPreWarmed = true
        guard environments.values.allSatisfy({ $0.state == .ending }), environments.count < limits.concurrency else {
            return
        }
        actions.append(.start(add(.preWarmed, for: nil), .preWarmed, for: nil))
    }

    // MARK: Provisioned environments

    /// Changes how many environments are kept ready.
    mutating func provision(_ count: Int, now: Instant) -> [Action] {
        limits.provisioned = count
        provisioning = ProvisioningState()
        // Of those that are too many, the keep-alive policy says when they end.
        for slot in kept.dropFirst(count) { change(.onDemand, of: slot) }
        var actions: [Action] = []
        topUp(now: now, into: &actions)
        return actions
    }

    /// Replaces the idle provisioned environments whose files are not as they were.
    mutating func renew(now: Instant, isFresh: (Slot) -> Bool) -> [Action] {
        var actions: [Action] = []
        for slot in idle where isProvisioned(slot) && !isFresh(slot) {
            retire(slot, .stale, because: .codeChange, into: &actions)
        }
        topUp(now: now, into: &actions)
        return actions
    }

    /// Starts as many environments as are missing.
    mutating func topUp(now: Instant, into actions: inout [Action]) {
        provisioning.pausedUntil = nil
        guard isOpen, limits.provisioned > 0 else { return }
        for _ in 0..<max(limits.provisioned - kept.count, 0) {
            if environments.count < limits.concurrency {
                guard !provisioning.hasFailed, startedAhead < Self.mostStartedAhead else { return }
                guard !provisioning.replacements.isTooEarly(now) else {
                    provisioning.pausedUntil = provisioning.replacements.retryAt
                    return
                }
                actions.append(.start(add(.provisioned, for: nil), .provisioned, for: nil))
            } else if let slot = idle.last(where: { !isProvisioned($0) }) {
                // There is no room for another, and this one is as good.
                change(.provisioned, of: slot)
            } else {
                return
            }
        }
    }

    /// The oldest first.
    private var kept: [Slot] {
        let kept = environments.filter { _, environment in
            environment.purpose == .provisioned && environment.state != .ending && environment.generation == generation
        }
        return kept.keys.sorted { $0.rawValue < $1.rawValue }
    }

    /// How the provisioned environments are; nil: none are wanted.
    var provisioned: ProvisioningStatus? {
        guard limits.provisioned > 0 else { return nil }
        let kept = kept
        let available = kept.count { environments[$0]?.state != .starting(nil) }
        let state: ProvisioningStatus.State =
            available >= limits.provisioned ? .ready : provisioning.hasFailed ? .failed : .inProgress
        return ProvisioningStatus(wanted: limits.provisioned, allocated: kept.count, available: available, state: state)
    }
}
