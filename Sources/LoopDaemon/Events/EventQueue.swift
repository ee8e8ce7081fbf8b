import Logging
import LoopModel
import LoopOS
import LoopRunner
import LoopStore
import LoopWire
import NIOCore
import ServiceLifecycle

/// Gives queued events to their functions until they take them, and tells destinations what became of them.
///
/// An event stays in the store until its function has taken it or it was given up: a daemon that ends meanwhile, in
/// whatever way, tries it again when it is back. So a function may get an event more than once, as on AWS Lambda.
final class EventQueue: Service, Sendable {
    /// Events that are tried at once.
    private static let mostAtOnce = 32
    /// However far away the next event is: the wall clock may be set.
    private static let longestPause = Duration.seconds(60)

    private let store: HistoryStore
    /// One for all writes: SQLite blocks, and an event costs two of them.
    private let thread: WorkThread
    private let runner: Runner
    private let destinations: EventDestinations
    private let logger: Logger
    private let wakes: AsyncStream<Void>
    private let inlet: AsyncStream<Void>.Continuation
    private let state = Locked(State())

    private struct State {
        /// What pauses between tries are multiplied by.
        var pace = 1.0
        var busy: Set<InvocationID> = []
        /// Those whose try has ended since the queue's head was last asked for: what was read may be from before.
        var ended: Set<InvocationID> = []
        /// When the earliest alarm that is set goes off.
        var alarm: WallTime?
    }

    /// - Parameters:
    ///   - store: keeps the events.
    ///   - runner: has the functions.
    ///   - pace: what pauses between tries are multiplied by; 1 is as on AWS Lambda.
    ///   - logger: for what operators should know.
    /// - Throws: when the system has no thread left.
    init(store: HistoryStore, runner: Runner, pace: Double, logger: Logger) throws(SystemFailure) {
        self.store = store
        thread = try WorkThread(named: "lw-queue")
        self.runner = runner
        state.withLock { $0.pace = pace }
        self.logger = logger
        destinations = EventDestinations(logger: logger)
        (wakes, inlet) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Multiplies pauses between tries by this from the next try on.
    func use(pace: Double) { state.withLock { $0.pace = pace } }

    /// How many events wait, those that are being tried included, and since when the oldest does.
    ///
    /// - Throws: ``StoreFailure``.
    func backlog() async throws -> (count: Int, oldest: WallTime?) { try await store.queueBacklog() }

    /// Takes an event; when it returns, the event is not lost any more.
    ///
    /// - Throws: ``StoreFailure``.
    func accept(_ event: QueuedEvent) async throws {
        try await thread.perform { [store] in try store.enqueue(event) }
        inlet.yield()
    }

    /// Works until a graceful shutdown; tries that are under way end with their invocations.
    func run() async {
        defer { thread.finish() }
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                inlet.yield()
                for await _ in wakes { await beginDue(in: &group) }
            }
        } onGracefulShutdown: {
            self.inlet.finish()
        }
    }

    private func beginDue(in group: inout DiscardingTaskGroup) async {
        let head: [QueuedEvent]
        state.withLock { $0.ended = [] }
        do {
            // Those that are being tried may stand before the others.
            head = try await store.queuedEvents(limit: 2 * Self.mostAtOnce)
        } catch {
            logger.error("The queue of events cannot be read", metadata: ["error": "\(error)"])
            setAlarm(for: WallTime.now.adding(Self.longestPause), in: &group)
            return
        }
        for event in head {
            guard event.dueAt <= .now else {
                setAlarm(for: event.dueAt, in: &group)
                return
            }
            let isFree = state.withLock { state in
                guard state.busy.count < Self.mostAtOnce, !state.ended.contains(event.id) else { return false }
                return state.busy.insert(event.id).inserted
            }
            guard isFree else { continue }
            group.addTask {
                await self.attempt(event)
                self.state.withLock { state in
                    state.busy.remove(event.id)
                    state.ended.insert(event.id)
                }
                self.inlet.yield()
            }
        }
    }

    private func setAlarm(for time: WallTime, in group: inout DiscardingTaskGroup) {
        let isEarliest = state.withLock { state in
            if let alarm = state.alarm, alarm <= time { return false }
            state.alarm = time
            return true
        }
        guard isEarliest else { return }
        group.addTask {
            let pause = min(.nanoseconds(max(time.nanoseconds - WallTime.now.nanoseconds, 0)), Self.longestPause)
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: pause) }
            self.state.withLock { if $0.alarm == time { $0.alarm = nil } }
            self.inlet.yield()
        }
    }

    // MARK: One event

    private func attempt(_ event: QueuedEvent) async {
        let function = await runner.configuration(of: event.function)
        let delivery = EventDelivery(function?.events ?? EventPolicy(), pace: state.withLock(\.pace))
        if delivery.isTooOld(event, at: .now) {
            return await conclude(event, .eventAgeExceeded, nil, delivery.policy)
        }
        let answer = await invoke(event)
        switch delivery.decision(on: event, after: Self.result(of: answer), at: .now) {
        case .retry(let event):
            await write(about: event) { try $0.postpone(event) }
        case .conclude(let condition):
            await conclude(event, condition, try? answer.get(), delivery.policy)
        }
    }

    private func invoke(_ event: QueuedEvent) async -> Result<InvocationAnswer, InvocationRejection> {
        // The first try is found in the history by the id that the caller got; the others have ids of their own.
        let isKnown = (try? await store.invocation(withID: event.id.rawValue)) != nil
        var request = InvocationRequest(
            id: isKnown ? .random() : event.id,
            requestID: event.id,
            function: event.function,
            payload: ByteBuffer(string: event.payload),
            clientContext: event.clientContext,
            traceID: event.traceID
        )
        request.isOfLambda = true
        request.attempt = event.tries + 1
        do throws(InvocationRejection) {
            return .success(try await runner.invoke(request))
        } catch {
            return .failure(error)
        }
    }

    private static func result(of answer: Result<InvocationAnswer, InvocationRejection>) -> EventDelivery.Result {
        switch answer {
        case .success(let answer):
            switch answer.record.outcome {
            case .ok: .succeeded
            case .error, .timeout, .crashed: .failed
            case .killed, .lost, .rejected, nil: .interrupted
            }
        case .failure(.payloadTooLarge): .failed
        case .failure(.reservedConcurrencyReached(_, 0)): .refused
        case .failure(.queueFull), .failure(.reservedConcurrencyReached), .failure(.requestRateReached),
            .failure(.scalingRateReached), .failure(.accountConcurrencyReached), .failure(.accountRequestRateReached):
            .throttled
        // It may come back.
        case .failure(.unknownFunction), .failure(.removed): .throttled
        case .failure(.shuttingDown), .failure(.notRecorded): .interrupted
        }
    }

    private func conclude(
        _ event: QueuedEvent,
        _ condition: EventDelivery.Condition,
        _ answer: InvocationAnswer?,
        _ policy: EventPolicy
    ) async {
        var event = event
        if answer != nil { event.tries += 1 }
        if condition != .success {
            logger.warning(
                "An event was given up",
                metadata: [
                    "request.id": "\(event.id)", "function": "\(event.function)", "condition": "\(condition.rawValue)",
                ]
            )
        }
        if let destination = condition == .success ? policy.onSuccess : policy.onFailure {
            let record = DestinationRecord(
                of: event,
                condition,
                record: answer?.record,
                response: answer.map { String(buffer: $0.payload) },
                at: .now
            )
            await destinations.tell(destination, of: record) { try await self.accept($0) }
        }
        await write(about: event) { [id = event.id] in try $0.dequeue(id) }
    }

    private func write(about event: QueuedEvent, _ body: @escaping @Sendable (HistoryStore) throws -> Void) async {
        do {
            try await thread.perform { [store] in try body(store) }
        } catch {
            // It stays as it was, and is tried again.
            logger.error(
                "What became of an event cannot be stored",
                metadata: ["request.id": "\(event.id)", "error": "\(error)"]
            )
        }
    }
}

extension WallTime {
    fileprivate func adding(_ duration: Duration) -> Self { Self(nanoseconds: nanoseconds + duration.nanoseconds) }
}
