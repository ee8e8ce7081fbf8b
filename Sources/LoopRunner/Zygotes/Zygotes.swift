internal import Logging
internal import LoopModel
internal import LoopOS
internal import LoopWire
internal import NIOCore

/// The processes that environments with `start: fork` are forked from, one for each kind.
///
/// One is started when the first environment wants it, ended when none has wanted it for a while, and replaced when it
/// has ended by itself or what it was started from has changed. Where none can be had, the reason is kept for a while.
///
/// Safety: other threads carry references to it back to the event loop, and only code on the loop looks inside.
final class Zygotes: @unchecked Sendable {
    /// Why nothing can be forked; an environment is started from a fresh interpreter then.
    struct Refusal: Error {
        let reason: String
    }

    typealias Answer = (Result<Zygote, Refusal>) -> Void

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
        var usedAt: Instant
    }

    private let eventLoop: any EventLoop
    private let watcher: ProcessWatcher
    private let logger: Logger
    private var states: [ZygoteOrder: State] = [:]
    /// Those whose processes are not gone yet, by their numbers.
    private var processes: [Int32: Zygote] = [:]
    private var onLastEnd: (() -> Void)?
    private var isClosed = false

    /// How long one is kept that nobody wants.
    private static let keepAlive = Duration.seconds(600)
    /// How long a reason not to fork is believed.
    private static let refusal = Duration.seconds(60)

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
            ready.zygote.close()
            start(order, patience, answer)
        case .refused, nil: start(order, patience, answer)
        }
    }

    /// A zygote did not fork: it is ended, and the next environment gets another.
    func failed(_ zygote: Zygote, of order: ZygoteOrder, _ failure: LaunchFailure) {
        logger.warning("A zygote does not fork", metadata: metadata(order).merging(["reason": "\(failure)"]) { $1 })
        if case .ready(let ready) = states[order], ready.zygote === zygote { states[order] = nil }
        zygote.close()
        zygote.process.kill()
    }

    /// Ends all of them and returns when their processes are gone.
    func end() async {
        isClosed = true
        states = [:]
        for zygote in processes.values {
            zygote.close()
            zygote.process.kill()
        }
        guard !processes.isEmpty else { return }
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
        let all = files + (message.folders ?? []).compactMap { WatchedFile(now: $0) }
        states[order] = .ready(Ready(zygote: zygote, files: all, usedAt: Runner.now()))
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
            ready.zygote.close()
        }
    }

    private func ended(_ zygote: Zygote, _ order: ZygoteOrder, _ status: ExitStatus) {
        processes[zygote.process.processID] = nil
        if case .ready(let ready) = states[order], ready.zygote === zygote {
            states[order] = nil
            logger.warning(
                "A zygote has ended; the next environment gets another",
                metadata: metadata(order).merging(["end": "\(status)"]) { $1 }
            )
        }
        if processes.isEmpty { onLastEnd?() }
    }

    private func metadata(_ order: ZygoteOrder) -> Logger.Metadata {
        ["interpreter": "\(order.executable)", "preload": "\(order.preload.joined(separator: " "))"]
    }
}
