internal import LoopModel
internal import NIOCore

/// Keeps an answer back until the runtime that gave it is free again, or for a little while.
///
/// A runtime asks for the next invocation a moment after its answer. Who calls again within that moment would meet a
/// second environment, started for nothing.
///
/// Safety: only code on the runner's event loop looks inside.
final class HeldAnswer: @unchecked Sendable {
    /// What a runtime may do after its answer before that goes to the caller; whatever takes longer was meant to.
    private static let patience = TimeAmount.milliseconds(200)

    private let eventLoop: any EventLoop
    private var isOpen = false
    private var waiting: [@Sendable () -> Void] = []

    init(on eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        _ = eventLoop.scheduleTask(in: Self.patience) { self.open() }
    }

    /// As a completion, which waits for ``open()``.
    func holding(_ completion: @escaping RunningInvocation.Completion) -> RunningInvocation.Completion {
        { result in
            self.eventLoop.execute {
                if self.isOpen { completion(result) } else { self.waiting.append { completion(result) } }
            }
        }
    }

    func open() {
        isOpen = true
        let ready = waiting
        waiting = []
        for complete in ready { complete() }
    }
}
