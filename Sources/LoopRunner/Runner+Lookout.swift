internal import LoopModel
internal import LoopOS
internal import LoopWire
internal import NIOCore

// Looks from outside at invocations that take long: whether their loop stands still, and what they wait for when their
// time is nearly up. An invocation that answers within ``Runner/unwatched`` costs nothing but, at times, a timer.

extension Runner {
    /// How long an invocation may run before anybody looks.
    private static let unwatched = Duration.milliseconds(100)
    /// Between two looks; longer where there are many to look at.
    private static let interval = Duration.milliseconds(25)
    private static let watchedPerInterval = 64
    /// How long a stack may take to be written.
    private static let stackPatience = Duration.milliseconds(500)
    /// The part of its time after which an invocation is asked what it waits for.
    private static let lateness = (parts: 85, of: 100)

    /// Makes sure that somebody looks when the invocation that was just sent takes long.
    func keepLookout() {
        if lookout == nil { scheduleLookout(at: Self.now() + Self.unwatched) }
    }

    private func scheduleLookout(at instant: Instant) {
        let deadline = NIODeadline.uptimeNanoseconds(UInt64(clamping: instant.nanoseconds))
        lookout = eventLoop.scheduleTask(deadline: deadline) { self.assumeIsolated { $0.lookOut() } }
    }

    private func lookOut() {
        lookout = nil
        let now = Self.now()
        var earliest: Instant?
        var watched = 0
        for pool in Array(pools.values) + removed {
            for environment in pool.environments.values {
                guard environment.state == .invoking, environment.answering != nil,
                    let sentAt = environment.invocation?.sentAt
                else { continue }
                let begin = sentAt + Self.unwatched
                if begin <= now {
                    watched += 1
                    look(at: environment, sentAt: sentAt, now: now)
                } else {
                    earliest = min(earliest ?? begin, begin)
                }
            }
        }
        if watched > 0 {
            scheduleLookout(at: now + Self.interval * (1 + watched / Self.watchedPerInterval))
        } else if let earliest {
            scheduleLookout(at: earliest)
        }
    }

    private func look(at environment: RunningEnvironment, sentAt: Instant, now: Instant) {
        guard let process = environment.process?.processID else { return }
        // The handler runs in the main thread, whose number is the process's.
        guard let activity = ThreadActivity(process: process, thread: process) else { return }
        let limit = environment.configuration.timeout
        if !environment.askedForTasks, activity.survivesSignals,
            now - sentAt >= limit * Self.lateness.parts / Self.lateness.of
        {
            environment.askedForTasks = true
            ask(environment, WorkerSignals.tasks)
        }
        var vigil = environment.vigil ?? LoopVigil(threshold: environment.configuration.blockingThreshold)
        let times = activity == .idle ? nil : ThreadTimes(process: process, thread: process)
        if let asked = vigil.turnAskedAt, environment.turnedAt >= asked { vigil.turned() }
        let step = vigil.note(LoopVigil.Sample(at: now, activity: activity, times: times))
        takeStack(of: environment, into: &vigil, now: now)
        switch step {
        case .nothing: break
        case .askForTurn:
            if environment.runningLoop(since: vigil.begin) == nil {
                vigil.restart()
            } else if ask(environment, WorkerSignals.turn) {
                vigil.askedForTurn()
            }
        case .askForStack:
            guard let begin = vigil.begin, let run = environment.runningLoop(since: begin) else {
                vigil.restart()
                break
            }
            environment.question = StackQuestion(run: run, at: now, offset: environment.stacksSize)
            vigil.askedForStack()
            if !activity.survivesSignals || !environment.keepsStacks || !ask(environment, WorkerSignals.stack) {
                environment.question = nil
                vigil.dismiss()
            }
        }
        environment.vigil = vigil
    }

    /// Sends a signal to the thread that runs the handler, if it has a handler for it and nobody debugs it.
    @discardableResult
    private func ask(_ environment: RunningEnvironment, _ signal: Int32) -> Bool {
        guard let process = environment.process,
            let signals = ThreadSignals(process: process.processID, thread: process.processID),
            !signals.isTraced, signals.takes(signal)
        else { return false }
        return process.signal(signal, thread: process.processID)
    }

    /// Takes in the stack that was asked for, once it is there.
    private func takeStack(of environment: RunningEnvironment, into vigil: inout LoopVigil, now: Instant) {
        guard let question = environment.question else { return }
        if let dump = environment.stack(from: question.offset) {
            environment.question = nil
            let kinds = FileKinds(plugin: environment.configuration.root, host: "\(filesFolder)/probe-")
            let line = question.run.site.flatMap { $0.isUserCode ? $0.line : nil }
            if let stack = BlockedStack(dump, run: line, kinds: kinds) { vigil.confirm(stack) } else { vigil.dismiss() }
        } else if now - question.at > Self.stackPatience {
            environment.question = nil
            vigil.dismiss()
        }
    }

    /// Writes what the vigil over an invocation has come to among the events of its environment.
    ///
    /// - Parameters:
    ///   - environment: its invocation is at its end, and all that the worker has said of it was received.
    ///   - outcome: how it ended.
    func endVigil(over environment: RunningEnvironment, _ outcome: Outcome) {
        environment.askedForTasks = false
        guard var vigil = environment.vigil else { return }
        environment.vigil = nil
        let now = Self.now()
        takeStack(of: environment, into: &vigil, now: now)
        environment.question = nil
        let limit = environment.invocation?.sentAt.map { $0 + environment.configuration.timeout }
        vigil.finish(cutOffAt: outcome == .timeout ? min(now, limit ?? now) : nil)
        for standstill in vigil.standstills { environment.insert(standstill) }
    }
}

/// A stack that was asked for and is not there yet.
struct StackQuestion {
    /// The run that is under way.
    var run: LoopEvent
    var at: Instant
    /// What the file of stacks held before.
    var offset: Int
}
