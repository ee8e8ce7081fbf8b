package import LoopModel
internal import LoopOS
internal import LoopWire
internal import NIOCore

// Between two invocations an environment may be stopped, as on AWS Lambda: what the handler has left running in the
// background stalls, and goes on in the next invocation.

extension Runner {
    /// Stops the processes of a function's idle environments; those that serve an invocation go on.
    ///
    /// An invocation thaws the environment that it is given to, and so does its end.
    ///
    /// - Returns: how many environments are frozen now.
    @discardableResult
    package func freeze(_ name: FunctionName) async -> Int {
        let environments = pools[name]?.ordered ?? []
        for environment in environments { freeze(environment) }
        for environment in environments {
            guard environment.freeze != nil, !environment.isFrozen else { continue }
            await withCheckedContinuation { environment.freezeWaiters.append($0) }
        }
        return environments.count(where: \.isFrozen)
    }

    /// Lets the processes of a function's frozen environments go on.
    package func thaw(_ name: FunctionName) {
        for environment in pools[name]?.ordered ?? [] { thaw(environment) }
    }

    /// Stops an environment's processes if it is idle, when its worker has told what is alive there.
    func freeze(_ environment: RunningEnvironment) {
        guard environment.state == .idle, environment.freeze == nil, environment.processEnd == nil else { return }
        guard environment.wire?.askWhatIsAlive() == true else {
            stop(environment)
            return
        }
        let limit = eventLoop.scheduleTask(in: Self.tellingTime) {
            self.assumeIsolated { $0.rested(environment) }
        }
        environment.freeze = .asked(limit: limit)
    }

    /// How long a worker may take to tell what is alive: threads of the handler's may be in its way.
    private static let tellingTime = TimeAmount.milliseconds(250)

    /// An environment's worker has told what is alive, or has had its time.
    func rested(_ environment: RunningEnvironment) {
        guard case .asked(let limit) = environment.freeze else { return }
        limit.cancel()
        environment.freeze = nil
        if environment.state == .idle, environment.processEnd == nil {
            stop(environment)
        } else {
            environment.tellFreezeWaiters()
        }
    }

    /// Stops an environment's processes now, by the best means there is.
    private func stop(_ environment: RunningEnvironment) {
        guard let group = environment.process?.group, (try? group.freeze()) != nil else {
            stopped(environment, by: .signals(environment.family.stop()))
            return
        }
        settle(environment, in: group, by: Self.now() + Self.settlingTime)
    }

    /// Waits until an environment's group stands still, which takes some microseconds, without holding up anybody.
    private func settle(_ environment: RunningEnvironment, in group: ControlGroup, by deadline: Instant) {
        if group.isFrozen || Self.now() >= deadline {
            stopped(environment, by: .group(group, count: group.processes.count))
            return
        }
        let look = eventLoop.scheduleTask(in: Self.settlingPause) {
            self.assumeIsolated { $0.settle(environment, in: group, by: deadline) }
        }
        environment.freeze = .settling(group, look: look)
    }

    /// What is in a call that cannot be interrupted may take longer; then it stands still when it comes out of that.
    private static let settlingTime = Duration.milliseconds(250)
    private static let settlingPause = TimeAmount.milliseconds(1)

    /// Notes that an environment's processes are stopped.
    private func stopped(_ environment: RunningEnvironment, by hold: FreezeHold) {
        environment.freeze = nil
        defer { environment.tellFreezeWaiters() }
        var span = FreezeSpan(
            environment: environment.record.id,
            following: environment.served > 0 ? environment.served - 1 : nil,
            frozen: Self.now(),
            frozenAt: Self.wallNow(),
            processes: hold.count,
            means: hold.means
        )
        guard span.processes > 0 else { return }
        span.isOnRequest = !environment.configuration.freezes
        environment.freeze = .stopped(span, hold)
        observer.environmentFroze(span)
    }

    /// Lets an environment's processes go on if they were stopped.
    func thaw(_ environment: RunningEnvironment) {
        switch environment.freeze {
        case nil: return
        case .asked(let limit):
            limit.cancel()
            environment.freeze = nil
        case .settling(let group, let look):
            look.cancel()
            try? group.thaw()
            environment.freeze = nil
        case .stopped(_, let hold):
            release(hold, of: environment)
            endFreeze(of: environment)
        }
        environment.tellFreezeWaiters()
    }

    /// Notes that an environment is frozen no longer: its processes go on, or have ended.
    func endFreeze(of environment: RunningEnvironment) {
        if case .asked(let limit) = environment.freeze { limit.cancel() }
        if case .settling(_, let look) = environment.freeze { look.cancel() }
        if case .stopped(var span, _) = environment.freeze {
            span.thawed = max(Self.now(), span.frozen)
            span.thawedAt = Self.wallNow()
            environment.freezes.append(span)
            observer.environmentFroze(span)
        }
        environment.freeze = nil
        environment.tellFreezeWaiters()
    }

    // MARK: The means

    /// Lets the processes of an environment go on.
    private func release(_ hold: FreezeHold, of environment: RunningEnvironment) {
        switch hold {
        case .signals(let processes): environment.family.resume(processes)
        case .group(let group, _): try? group.thaw()
        }
    }
}

extension RunningEnvironment {
    var isFrozen: Bool {
        if case .stopped = freeze { true } else { false }
    }

    fileprivate func tellFreezeWaiters() {
        let waiters = freezeWaiters
        freezeWaiters = []
        for waiter in waiters { waiter.resume() }
    }

    /// Puts the freezes that are over where they belong among the events that were not handed on yet.
    func insertFreezes() {
        for span in freezes {
            let index = events.firstIndex { $0.at > span.frozen } ?? events.endIndex
            let pair = span.events { decoder.reserveSequence() }
            // What was told of the time before it by threads comes before it, and what the thaw has woken after it.
            place(pair, at: index)
        }
        freezes = []
    }
}
