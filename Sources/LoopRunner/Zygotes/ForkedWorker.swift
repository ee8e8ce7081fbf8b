internal import LoopOS
internal import LoopWire
internal import NIOCore

/// A process that was forked, and waits to be told which environment it is to be.
///
/// Safety: other threads carry references to it back to the event loop, and only code on the loop looks inside.
final class ForkedWorker: @unchecked Sendable {
    let process: ChildProcess
    /// nil until it is there.
    var channel: (any Channel)?
    /// What it has said of itself; nil until it has.
    var hello: WorkerHello?
    /// The environment's that it has become; nil while it waits.
    var wire: WorkerWire?
    private var end: ProcessEnd?
    private var onEnd: ((ProcessEnd) -> Void)?

    init(process: ChildProcess) { self.process = process }

    /// Whether its process has ended and nothing of it is left.
    var hasEnded: Bool { end != nil }

    /// Says who is told of its end from now on, which may have been already.
    func whenEnded(_ tell: @escaping (ProcessEnd) -> Void) {
        if let end { tell(end) } else { onEnd = tell }
    }

    /// Its process has ended.
    func ended(_ end: ProcessEnd) {
        self.end = end
        let tell = onEnd
        onEnd = nil
        tell?(end)
    }

    /// Ends it, whom nobody wants any more.
    func discard() { process.kill() }
}
