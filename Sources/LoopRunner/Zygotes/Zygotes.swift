internal import Logging
internal import LoopModel
internal import LoopOS
internal import LoopWire
internal import NIOCore
internal import NIOPosix

/// The processes that environments with `start: fork` are forked from, one for each kind.
///
/// One is started when the first environment wants it, ended when none has wanted it for a while, and replaced when it
/// has ended by itself or what it was started from has changed. Where none can be had, the reason is kept for a while.
///
/// Each has some forks waiting that are nobody's environment yet, and gets another a moment after one was taken. They end
/// with their zygote. One that ends by itself is not replaced before the next is wanted: whatever ends them may go on.
///
/// Safety: other threads carry references to it back to the event loop, and only code on the loop looks inside.
final class Zygotes: @unchecked Sendable {
    /// Why nothing can be forked; an environment is started from a fresh interpreter then.
    struct Refusal: Error {
        let reason: String
    }

    typealias Answer = (Result<Zygote, Refusal>) -> Void
    typealias WorkerAnswer = @Sendable (Result<ForkedWorker, LaunchFailure>) -> Void

    private enum State {
        case starting([Answer])
        case ready(Ready)
        /// Until that instant.
        case refused(Refusal, Instant)
    }

    private struct Ready {
        let zygote: Zygote
        /// What it was started from.
        let files: [WatchedFile]
        /// Those of them that its forks depend on as well: what was loaded, which they will not name, and the program's.
        let inherited: [WatchedFile]
        var usedAt: Instant
        /// Forked ahead, the oldest first.
        var waiting: [ForkedWorker] = []
        /// How many are to wait: the most that any function wants.
        var wanted = 0
        var isRefilling = false
        /// How many were taken.
        var forks = 0
    }

    /// What became of those of one kind that were not ended because nobody wanted them.
    private struct Past {
        var replaced = 0
        var at: WallTime?
        var reason: String?
    }

    private let eventLoop: any EventLoop
    private let watcher: ProcessWatcher
    private let logger: Logger
    private var states: [ZygoteOrder: State] = [:]
    private var pasts: [ZygoteOrder: Past] = [:]
    /// Those whose processes are not gone yet, by their numbers.
    private var processes: [Int32: Zygote] = [:]
    /// Forks that are no environment's and whose processes are not gone yet, by their numbers.
    private var workers: [Int32: ForkedWorker] = [:]
    /// Forks that were ordered and are not there yet.
    private var underWay = 0
    private var onLastEnd: (() -> Void)?
    private var isClosed = false

    /// How long one is kept that nobody wants.
    private static let keepAlive = Duration.seconds(600)
    /// How long a reason not to fork is believed.
    private static let refusal = Duration.seconds(60)
    /// How long after one was taken another is forked: the first has its invocation answered by then, usually.
    private static let refillDelay = TimeAmount.milliseconds(10)

    /// ENOTCONN.
    private static let notConnected: Int32 = 107

    /// Makes what reads a fork's frames; set before anything is forked.
    var reader: ((ForkedWorker) -> WorkerChannelHandler)?

    init(eventLoop: any EventLoop, watcher: ProcessWatcher, logger: Logger) {
        self.eventLoop = eventLoop
        self.watcher = watcher
        self.logger = logger
    }

    /// Hands out the zygote of an order, at once where it is there.
    ///
    /// - Parameters:
    ///   - order: what it is to be.
    ///   - patience: how long it may take to import what it is to have ready.
    ///   - answer: called once.
    func withZygote(of order: ZygoteOrder, patience: Duration, _ answer: @escaping Answer) {
        switch states[order] {
        case .starting(let waiting): states[order] = .starting(waiting + [answer])
        case .ready(var ready) where ready.files.allSatisfy(\.isUnchanged):
            ready.usedAt = Runner.now()
            states[order] = .ready(ready)
            answer(.success(ready.zygote))
        case .refused(let refusal, let end) where Runner.now() < end: answer(.failure(refusal))
        case .ready(let ready):
            logger.info("What a zygote was started from has changed", metadata: metadata(order))
            note("what it was started from has changed", order)
            close(ready)
            start(order, patience, answer)
        case .refused, nil: start(order, patience, answer)
        }
    }

    /// What the forks of an order's zygote depend on because that does, unchanged when the zygote was handed out.
    func files(of order: ZygoteOrder) -> [WatchedFile] {
        guard case .ready(let ready) = states[order] else { return [] }
        return ready.inherited
    }

    /// A zygote did not fork: it is ended, and the next environment gets another.
    func failed(_ zygote: Zygote, of order: ZygoteOrder, _ failure: LaunchFailure) {
        logger.warning("A zygote does not fork", metadata: metadata(order).merging(["reason": "\(failure)"]) { $1 })
        if case .ready(let ready) = states[order], ready.zygote === zygote {
            states[order] = nil
            note("it did not fork: \(failure)", order)
            close(ready)
        }
        zygote.close()
        zygote.process.kill()
    }

    private func note(_ reason: String, _ order: ZygoteOrder) {
        var past = pasts[order] ?? Past()
        past.replaced += 1
        past.at = Runner.wallNow()
        past.reason = reason
        pasts[order] = past
    }

    /// Sorted by interpreter and modules; those too that were there and are to come again.
    var status: [ZygoteStatus] {
        Set(states.keys).union(pasts.keys).map(status).sorted {
            ($0.interpreter, $0.preload.joined()) < ($1.interpreter, $1.preload.joined())
        }
    }

    private func status(of order: ZygoteOrder) -> ZygoteStatus {
        var status = ZygoteStatus(interpreter: order.executable, preload: order.preload, state: .gone)
        let past = pasts[order]
        (status.replaced, status.replacedAt, status.reason) = (past?.replaced ?? 0, past?.at, past?.reason)
        switch states[order] {
        case .starting: status.state = .starting
        case .ready(let ready):
            status.state = .ready
            status.processID = ready.zygote.process.processID
            status.forks = ready.forks
            status.waiting = ready.waiting.map(\.process.processID)
        case .refused(let refusal, _):
            status.state = .refused
            status.reason = refusal.reason
        case nil: break
        }
        return status
    }

    private func close(_ ready: Ready) {
        ready.zygote.close()
        for worker in ready.waiting { worker.discard() }
    }

    // MARK: Forks

    /// Hands out a process that waits: one that was forked ahead, or else now.
    ///
    /// - Parameters:
    ///   - order: what it is a fork of.
    ///   - zygote: of that order, as it was handed out.
    ///   - ahead: how many are to wait afterwards.
    ///   - answer: called once.
    func withWorker(of order: ZygoteOrder, from zygote: Zygote, ahead: Int, _ answer: @escaping WorkerAnswer) {
        guard case .ready(var ready) = states[order], ready.zygote === zygote else {
            return fork(zygote) { answer(self.handOut($0)) }
        }
        ready.wanted = max(ready.wanted, ahead)
        ready.forks += 1
        let first = ready.waiting.firstIndex { !$0.hasEnded }.map { ready.waiting.remove(at: $0) }
        states[order] = .ready(ready)
        if let first {
            answer(handOut(.success(first)))
        } else {
            fork(zygote) { answer(self.handOut($0)) }
        }
        refill(order, from: zygote)
    }

    /// What is handed out is an environment's, whose runner sees to its end.
    private func handOut(_ result: Result<ForkedWorker, LaunchFailure>) -> Result<ForkedWorker, LaunchFailure> {
        if case .success(let worker) = result { workers[worker.process.processID] = nil }
        return result
    }

    private func fork(_ zygote: Zygote, _ answer: @escaping WorkerAnswer) {
        underWay += 1
        Spawner.shared.fork(from: zygote) { [eventLoop] result in
            eventLoop.execute {
                self.underWay -= 1
                switch result {
                case .success(let forked): self.forked(forked, answer)
                case .failure(let failure): answer(.failure(failure))
                }
                self.noteEnd()
            }
        }
    }

    private func forked(_ forked: ForkedProcess, _ answer: @escaping WorkerAnswer) {
        let worker = ForkedWorker(process: forked.process)
        workers[forked.process.processID] = worker
        worker.whenEnded { _ in self.ended(worker) }
        do {
            try watcher.watch(forked.process) { [eventLoop] end in eventLoop.execute { worker.ended(end) } }
        } catch {
            Descriptor.close(forked.channel)
            worker.discard()
            workers[forked.process.processID] = nil
            return answer(.failure(.resources(error)))
        }
        if isClosed { worker.discard() }
        ClientBootstrap(group: eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    worker.channel = channel
                    guard let reader = self.reader else { throw ChannelError.ioOnClosedChannel }
                    try channel.pipeline.syncOperations.addHandler(reader(worker))
                }
            }
            .withConnectedSocket(forked.channel)
            .whenComplete { result in
                switch result {
                case .success: answer(.success(worker))
                case .failure(let error):
                    worker.discard()
                    // Whatever is no failed call is an end that is closed already.
                    let code = (error as? IOError)?.errnoCode ?? Self.notConnected
                    let failure = SystemFailure(call: "epoll_ctl", code: code, context: "\(error)")
                    answer(.failure(.resources(failure)))
                }
            }
    }

    /// Forks what is still to wait, one after the other, when those who wait for their answers have had the processors.
    private func refill(_ order: ZygoteOrder, from zygote: Zygote) {
        guard case .ready(var ready) = states[order], ready.zygote === zygote, !ready.isRefilling, !isClosed,
            ready.waiting.count < ready.wanted
        else { return }
        ready.isRefilling = true
        states[order] = .ready(ready)
        eventLoop.scheduleTask(in: Self.refillDelay) {
            self.fork(zygote) { result in
                guard case .ready(var ready) = self.states[order], ready.zygote === zygote else {
                    if case .success(let worker) = result { worker.discard() }
                    return
                }
                ready.isRefilling = false
                switch result {
                case .success(let worker):
                    if !worker.hasEnded { ready.waiting.append(worker) }
                    self.states[order] = .ready(ready)
                    if !worker.hasEnded { self.refill(order, from: zygote) }
                case .failure(let failure):
                    self.states[order] = .ready(ready)
                    self.failed(zygote, of: order, failure)
                }
            }
        }
    }

    /// A fork has ended that was nobody's environment.
    private func ended(_ worker: ForkedWorker) {
        workers[worker.process.processID] = nil
        for (order, state) in states {
            guard case .ready(var ready) = state, ready.waiting.contains(where: { $0 === worker }) else { continue }
            ready.waiting.removeAll { $0 === worker }
            states[order] = .ready(ready)
            logger.warning("A fork has ended that waited for its environment", metadata: metadata(order))
        }
        noteEnd()
    }

    private func noteEnd() {
        guard processes.isEmpty, workers.isEmpty, underWay == 0 else { return }
        let tell = onLastEnd
        onLastEnd = nil
        tell?()
    }

    // MARK: The end

    /// Ends all of them and returns when their processes are gone.
    func end() async {
        isClosed = true
        states = [:]
        for zygote in processes.values {
            zygote.close()
            zygote.process.kill()
        }
        for worker in workers.values { worker.discard() }
        guard !processes.isEmpty || !workers.isEmpty || underWay > 0 else { return }
        await withCheckedContinuation { continuation in onLastEnd = { continuation.resume() } }
    }

    // MARK: Starting

    private func start(_ order: ZygoteOrder, _ patience: Duration, _ answer: @escaping Answer) {
        guard !isClosed, let thread = try? WorkThread(named: "lw-zygote") else {
            return answer(.failure(Refusal(reason: "the system has no thread left")))
        }
        states[order] = .starting([answer])
        // Before it starts: a change meanwhile makes it stale.
        let files = order.traces.compactMap { WatchedFile(now: $0) }
        Spawner.shared.spawnZygote(order.launch) { [eventLoop] result in
            eventLoop.execute {
                switch result {
                case .success(let zygote): self.started(zygote, order, files, patience, thread)
                case .failure(let failure):
                    thread.finish()
                    self.refuse(order, "\(failure)")
                }
            }
        }
    }

    private func started(
        _ zygote: Zygote,
        _ order: ZygoteOrder,
        _ files: [WatchedFile],
        _ patience: Duration,
        _ thread: WorkThread
    ) {
        processes[zygote.process.processID] = zygote
        do {
            try watcher.watch(zygote.process) { [eventLoop] end in
                eventLoop.execute { self.ended(zygote, order, end.status) }
            }
        } catch {
            zygote.process.kill()
        }
        if isClosed { zygote.process.kill() }
        let deadline = MonotonicClock.nanoseconds() + patience.nanoseconds
        thread.run { [eventLoop] in
            let message = zygote.firstMessage(by: deadline)
            eventLoop.execute {
                thread.finish()
                self.settle(zygote, order, files, message.flatMap { try? ZygoteMessage(json: $0.span.bytes) })
            }
        }
    }

    private func settle(_ zygote: Zygote, _ order: ZygoteOrder, _ files: [WatchedFile], _ message: ZygoteMessage?) {
        guard let message, case .starting(let waiting) = states[order] else {
            zygote.close()
            zygote.process.kill()
            let said = zygote.process.output.take().text.split(separator: "\n").last.map { ": \($0)" } ?? ""
            return refuse(order, "the zygote ended, or was not ready in time\(said)")
        }
        if let refused = message.refused {
            zygote.close()
            return refuse(order, refused)
        }
        let modules = (message.modules ?? []).map(WatchedFile.init)
        let all = files + (message.folders ?? []).compactMap { WatchedFile(now: $0) } + modules
        let inherited = files.filter { $0.path != order.executable } + modules
        states[order] = .ready(Ready(zygote: zygote, files: all, inherited: inherited, usedAt: Runner.now()))
        logger.info(
            "A zygote is ready",
            metadata: metadata(order).merging(["process.id": "\(zygote.process.processID)"]) { $1 }
        )
        retire(order, after: Self.keepAlive)
        for answer in waiting { answer(.success(zygote)) }
    }

    private func refuse(_ order: ZygoteOrder, _ reason: String) {
        guard case .starting(let waiting) = states[order] else { return }
        let refusal = Refusal(reason: reason)
        states[order] = .refused(refusal, Runner.now() + Self.refusal)
        logger.warning(
            "Environments are started from fresh interpreters, because none can be forked",
            metadata: metadata(order).merging(["reason": "\(reason)"]) { $1 }
        )
        for answer in waiting { answer(.failure(refusal)) }
    }

    // MARK: Ends

    /// Ends a zygote that has not been wanted for its time, and else looks again.
    private func retire(_ order: ZygoteOrder, after time: Duration) {
        eventLoop.scheduleTask(in: .nanoseconds(time.nanoseconds)) {
            guard case .ready(let ready) = self.states[order] else { return }
            let rest = Self.keepAlive - (Runner.now() - ready.usedAt)
            guard rest <= .zero else { return self.retire(order, after: rest) }
            self.states[order] = nil
            self.close(ready)
        }
    }

    private func ended(_ zygote: Zygote, _ order: ZygoteOrder, _ status: ExitStatus) {
        processes[zygote.process.processID] = nil
        if case .ready(let ready) = states[order], ready.zygote === zygote {
            states[order] = nil
            note("it has ended: \(status)", order)
            close(ready)
            logger.warning(
                "A zygote has ended; the next environment gets another",
                metadata: metadata(order).merging(["end": "\(status)"]) { $1 }
            )
        }
        noteEnd()
    }

    private func metadata(_ order: ZygoteOrder) -> Logger.Metadata {
        ["interpreter": "\(order.executable)", "preload": "\(order.preload.joined(separator: " "))"]
    }
}
