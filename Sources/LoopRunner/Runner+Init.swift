internal import LoopModel
internal import LoopOS
internal import LoopWire
internal import NIOCore

// AWS Lambda loads a handler within 10 s; if it cannot, it tries once more inside the invocation that waits, within the
// time of that: the "suppressed init" (facts: lambda §3). After a reset there is only the second. A process that is
// killed by a signal of its own making is started again and again until that time is over (facts: lambda §4).

extension Runner {
    /// Whether failures to load a handler are repeated inside the invocation that waits.
    func repeatsInit(of configuration: FunctionConfiguration, for invocation: RunningInvocation?) -> Bool {
        followsLambda && (configuration.isLambda || invocation?.request.isOfLambda == true)
    }

    /// When a handler must have been loaded by whose process is being started.
    func initDeadline(of environment: RunningEnvironment) -> Instant {
        guard environment.attempts.phase == .invocation else {
            return environment.startedAt + environment.initLimit
        }
        let deadline = environment.attempts.deadline ?? environment.startedAt + environment.configuration.timeout
        environment.attempts.deadline = deadline
        return deadline
    }

    /// Notes that the handler was loaded.
    ///
    /// - Returns: what that has cost, earlier attempts included.
    func noteInit(of environment: RunningEnvironment) -> Duration {
        environment.attempts.note(.success, took: max(Self.now() - environment.startedAt, .zero))
        return environment.attempts.total
    }

    /// Notes that the handler was not loaded.
    func noteInitFailure(of environment: RunningEnvironment) {
        guard let end = environment.end else { return }
        let took = max(Self.now() - environment.startedAt, .zero)
        switch end {
        case .initTimedOut:
            environment.attempts.note(.timeout, took: min(took, environment.initLimit))
        case .timedOut: environment.attempts.note(.timeout, took: min(took, environment.configuration.timeout))
        case .notLaunched, .retired, .killed, .terminated: environment.attempts.noteNothing(took: took)
        case .initFailed, .channelLost, .protocolBroken, .replyTooLong, .exited:
            let failure = InvocationFailure(
                end: end,
                status: environment.processEnd?.status,
                configuration: environment.configuration,
                epoch: epoch
            )
            environment.attempts.note(.error, took: took, errorType: failure.type)
        }
    }

    /// Starts an environment's process anew if its handler is to be loaded once more for the invocation that it has.
    ///
    /// Nothing runs of the process that there was. What the probe saw in it is forgotten: whatever of it matters happens
    /// again.
    ///
    /// - Returns: whether it is done; the environment given goes on as another object then.
    func repeatsInit(of environment: RunningEnvironment) -> Bool {
        let pool = environment.pool
        guard environment.attempts.areRepeated, !environment.wasReady, environment.invocation != nil,
            shutdownState == nil, pools[environment.record.function] === pool, let end = environment.end
        else { return false }
        var pause = Duration.zero
        switch (end, environment.attempts.phase) {
        case (.initTimedOut, .initialization), (.initFailed, .initialization), (.exited, .initialization),
            (.channelLost, .initialization), (.protocolBroken, .initialization):
            break
        case (.exited, .invocation) where environment.processEnd?.status.isCrash == true:
            pause = environment.attempts.pauseAfterCrash()
        default: return false
        }
        noteInitFailure(of: environment)
        noteOutput(of: environment, .initialization)
        let next = successor(of: environment)
        next.attempts.repeatInside()
        start(again: next, after: pause)
        return true
    }

    /// The environment that takes the place of one whose process has ended before it was ready: the same to everybody,
    /// with the invocation that waits, and with nothing of the process.
    func successor(of environment: RunningEnvironment) -> RunningEnvironment {
        let pool = environment.pool
        let next = RunningEnvironment(
            slot: environment.slot,
            pool: pool,
            runtime: environment.runtime,
            record: environment.record,
            folder: environment.folder,
            startedAt: Self.now(),
            place: environment.place,
            configuration: environment.configuration
        )
        next.invocation = environment.invocation
        environment.invocation = nil
        next.attempts = environment.attempts
        next.files = next.configuration.knownFiles.compactMap { WatchedFile(now: $0) }
        pool.environments[next.slot] = next
        next.ticket = environment.ticket
        if let ticket = next.ticket { pool.machine.restarting(next.slot, for: ticket) }
        try? File.remove(environment.journal)
        try? File.remove(environment.stacks)
        return next
    }

    private func start(again environment: RunningEnvironment, after pause: Duration) {
        guard pause > .zero else {
            prepare(environment)
            return
        }
        let rest = environment.attempts.deadline.map { $0 - Self.now() } ?? pause
        _ = eventLoop.scheduleTask(in: .nanoseconds(max(min(pause, rest), .zero).nanoseconds)) {
            self.assumeIsolated { runner in
                if rest <= pause { runner.decide(environment, .timedOut) }
                if environment.end == nil { runner.prepare(environment) } else { runner.finish(environment) }
            }
        }
    }
}

extension FunctionConfiguration {
    /// Whether its life is to be as on AWS Lambda, whoever invokes it.
    var isLambda: Bool { [.awsLambda, .awsLambdaRic].contains(host) || runtime != "python" }
}

extension ExitStatus {
    /// Whether it was ended by a signal that a process brings upon itself.
    fileprivate var isCrash: Bool {
        guard case .signaled(let number) = self else { return false }
        return Self.crashes.contains(number)
    }

    /// SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS.
    private static let crashes: Set<Int32> = [4, 5, 6, 7, 8, 11, 31]
}
