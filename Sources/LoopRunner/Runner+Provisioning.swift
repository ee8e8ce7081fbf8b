package import LoopModel
internal import LoopOS
internal import LoopWire
internal import NIOCore

// Environments that are started ahead of any invocation, and what all functions together may have.

extension Runner {
    // MARK: Provisioned environments

    /// Changes how many environments of a function are kept ready, until the daemon ends or it is changed again.
    ///
    /// - Parameters:
    ///   - name: the function.
    ///   - count: how many; nil: as many as the manifest says.
    /// - Throws: when there is no such function, or it may not have as many.
    package func provision(_ name: FunctionName, _ count: Int?) throws(ProvisioningFailure) {
        guard let pool = pools[name] else { throw .unknownFunction(name) }
        let limit = pool.machine.limits.concurrency
        if let count, count > limit {
            throw .overConcurrency(name, count, limit: limit, isReserved: pool.configuration.reservedConcurrency != nil)
        }
        pool.provisioned = count
        let wanted = count ?? pool.configuration.provisionedConcurrency
        perform(pool.machine.provision(wanted, now: clock.now()), of: pool)
        keepRenewing()
    }

    /// Starts what a new pool is to keep ready.
    func provision(_ pool: FunctionPool) {
        perform(pool.machine.tend(now: clock.now()) { pool.isFresh($0) }, of: pool)
        keepRenewing()
    }

    func provisioned(of pool: FunctionPool) -> ProvisioningStatus? {
        guard var status = pool.machine.provisioned else { return nil }
        if status.state == .failed, let failure = pool.lastInitFailure {
            let error = failure.words(for: .random(), at: Self.wallNow()).error
            var record = InvocationRecord(id: .random(), function: pool.configuration.name, requestedAt: Self.wallNow())
            (record.errorType, record.errorMessage) = (error.errorType, error.errorMessage)
            status.reason = record.errorText
        }
        return status
    }

    /// How often the files are looked at that idle provisioned environments have loaded.
    private static let renewalInterval = TimeAmount.seconds(1)

    /// Looks after provisioned environments as long as there are to be any.
    func keepRenewing() {
        guard renewal == nil, shutdownState == nil, pools.values.contains(where: { $0.machine.limits.provisioned > 0 })
        else { return }
        renewal = eventLoop.scheduleTask(in: Self.renewalInterval) {
            self.assumeIsolated { runner in
                runner.renewal = nil
                for pool in runner.pools.values { runner.renew(pool) }
                runner.keepRenewing()
            }
        }
    }

    /// Replaces a function's provisioned environments if its code was changed.
    private func renew(_ pool: FunctionPool) {
        guard pool.machine.limits.provisioned > 0 else { return }
        if pool.machine.provisioning.hasFailed {
            guard !pool.provisionedFrom.allSatisfy(\.isUnchanged) else { return }
            perform(pool.machine.provision(pool.machine.limits.provisioned, now: clock.now()), of: pool)
        } else if let slot = pool.machine.idle.first(where: pool.machine.isProvisioned), !pool.isFresh(slot) {
            // They have all loaded the same: a look at one is enough.
            perform(pool.machine.renew(now: clock.now()) { pool.isFresh($0) }, of: pool)
        }
    }

    // MARK: Environments that are ready

    /// An environment has loaded its handler: it serves the invocation that waits, or waits for one.
    func takeIntoService(_ environment: RunningEnvironment) {
        let pool = environment.pool
        if environment.invocation == nil {
            environment.state = .idle
            // Nobody has waited for it.
            environment.initialization = nil
        }
        perform(pool.machine.ready(environment.slot, now: clock.now()) { pool.isFresh($0) }, of: pool)
        if environment.state == .idle, environment.configuration.freezes { freeze(environment) }
    }

    // MARK: What was learnt

    /// Tells a function's keep-alive policy how long the function was idle in an earlier life of the daemon, the oldest
    /// time first.
    package func recall(_ name: FunctionName, idle: [Duration]) {
        for time in idle { pools[name]?.machine.recall(idle: time) }
    }

    // MARK: All functions together

    /// Limits what all functions together may have; nil: nothing does.
    ///
    /// - Parameter concurrency: the most invocations at once.
    package func limit(concurrency: Int?) {
        guard account?.concurrency != concurrency else { return }
        account = concurrency.map(AccountLimits.init)
    }

    /// Why a function may not have another invocation beside those of all functions; nil: it may.
    func accountRefusal(to pool: FunctionPool) -> PoolStateMachine.Rejection? {
        guard account != nil, shutdownState == nil else { return nil }
        let others = pools.values.filter { $0 !== pool }.map(\.share)
        return account?.refusal(to: pool.share, beside: others, now: clock.now())
    }
}

extension FunctionPool {
    fileprivate var share: AccountLimits.Share {
        AccountLimits.Share(
            inFlight: machine.inFlight,
            reserved: configuration.reservedConcurrency,
            provisioned: machine.limits.provisioned
        )
    }
}

extension RunningEnvironment {
    /// The longest that loading the handler may take: AWS Lambda waits longer for what is provisioned, since nobody
    /// waits for it (facts: lambda §3).
    var initLimit: Duration {
        guard record.cause == .provisioned else { return configuration.initTimeout }
        return min(max(.seconds(130), configuration.timeout), .seconds(900))
    }
}

/// Why environments cannot be provisioned.
package enum ProvisioningFailure: Error, Hashable, Sendable, CustomStringConvertible {
    case unknownFunction(FunctionName)
    case overConcurrency(FunctionName, Int, limit: Int, isReserved: Bool)

    package var description: String {
        switch self {
        case .unknownFunction(let name): "There is no function “\(name)”."
        case .overConcurrency(let name, let count, let limit, let isReserved):
            "“\(name)” cannot keep \(count) environments ready: its \(isReserved ? "reserved concurrency" : "concurrency") "
                + "is \(limit)."
        }
    }
}
