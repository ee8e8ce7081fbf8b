import LoopOS

/// A line on standard error that is written over as something goes on; nothing where that is no terminal.
final class ProgressLine: Sendable {
    private let console: Console
    private let isShown = Locked(false)

    init(on console: Console) { self.console = console }

    /// - Parameters:
    ///   - text: what goes on.
    ///   - isNotice: whether it is worth a line that stays, where there is no terminal.
    func show(_ text: String, isNotice: Bool = false) {
        guard let width = console.errorWidth else {
            if isNotice { console.say(text) }
            return
        }
        isShown.withLock { $0 = true }
        // A line that is longer than the terminal's cannot be written over.
        console.writeError(Array("\r\u{1B}[K\(text.prefix(max(width - 1, 1)))".utf8))
    }

    /// Leaves the line as if nothing had been there.
    func clear() {
        guard isShown.withLock({ $0 }) else { return }
        isShown.withLock { $0 = false }
        console.writeError(Array("\r\u{1B}[K".utf8))
    }
}
