import Logging
import LoopModel
import LoopOS
import ServiceLifecycle

/// Brings alerts to every sink: in the background, in order, tried again with growing pauses, never delaying an
/// invocation.
final class AlertDispatcher: Service, Sendable {
    /// Alerts that may wait for the sinks; beyond it they stay in the store only.
    private static let queueLimit = 1024
    /// The pauses between tries grow from the first to the second.
    private static let pauses: ClosedRange<Duration> = .milliseconds(500)...(.seconds(60))

    private let notices: AsyncStream<AlertNotice>
    private let inlet: AsyncStream<AlertNotice>.Continuation
    private let retries: Int
    private let logger: Logger
    private let state: Locked<State>

    init(sinks: [any AlertSink], retries: Int, logger: Logger) {
        (notices, inlet) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.queueLimit))
        self.retries = retries
        self.logger = logger
        state = Locked(State(sinks: sinks))
    }

    private struct State {
        var sinks: [any AlertSink]
        var undelivered = 0
        var lastFailure: String?
    }

    /// How many alerts a sink never took, and what the last one said.
    var undelivered: (count: Int, lastFailure: String?) {
        state.withLock { ($0.undelivered, $0.lastFailure) }
    }

    /// Takes up other sinks for what comes from now on.
    func use(_ sinks: [any AlertSink]) { state.withLock { $0.sinks = sinks } }

    /// Hands alerts over; returns at once.
    func forward(_ notices: [AlertNotice]) {
        for notice in notices {
            if case .dropped = inlet.yield(notice) { noteUndelivered("the queue is full") }
        }
    }

    /// Delivers until cancelled; on a graceful shutdown what waits is still tried once.
    func run() async {
        await withGracefulShutdownHandler {
            for await notice in notices {
                let sinks = state.withLock(\.sinks)
                await withDiscardingTaskGroup { group in
                    for sink in sinks { group.addTask { await self.deliver(notice, to: sink) } }
                }
            }
        } onGracefulShutdown: {
            self.inlet.finish()
        }
    }

    private func deliver(_ notice: AlertNotice, to sink: any AlertSink) async {
        var pause = Self.pauses.lowerBound
        for attempt in 0...retries {
            do {
                try await sink.deliver(notice)
                return
            } catch {
                let failure = error as? AlertDeliveryFailure ?? AlertDeliveryFailure("\(error)")
                let isLast = attempt == retries || failure.isPermanent || Task.isShuttingDownGracefully
                logger.warning(
                    "An alert was not taken",
                    metadata: ["sink": "\(sink.name)", "error": "\(failure)", "attempt": "\(attempt + 1)"]
                )
                if isLast { return noteUndelivered("\(sink.name): \(failure)") }
                do {
                    try await cancelWhenGracefulShutdown { [pause] in
                        try await Task.sleep(for: max(pause, failure.retryAfter ?? .zero))
                    }
                } catch {}
                pause = min(pause * 2, Self.pauses.upperBound)
            }
        }
    }

    private func noteUndelivered(_ reason: String) {
        state.withLock { state in
            state.undelivered += 1
            state.lastFailure = reason
        }
    }
}
