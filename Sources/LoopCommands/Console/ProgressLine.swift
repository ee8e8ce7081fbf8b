import LoopOS

/// A line on standard error that is written over as something goes on; nothing where that is no terminal.
final class ProgressLine: Sendable {
    private let console: Console
    private let isShown = Locked(false)

    init(on console: Console) { self.console = console }

    func show(_ text: String) {
        guard console.errorWidth != nil else { return }
        isShown.withLock { $0 = true }
        console.writeError(Array("\r\u{1B}[K\(text)".utf8))
    }

    /// Leaves the line as if nothing had been there.
    func clear() {
        guard isShown.withLock({ $0 }) else { return }
        isShown.withLock { $0 = false }
        console.writeError(Array("\r\u{1B}[K".utf8))
    }
}
