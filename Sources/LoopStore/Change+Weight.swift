internal import LoopModel

extension HistoryStore.Change {
    /// About how much memory it takes up, in bytes.
    package var weight: Int {
        switch self {
        case .events(_, _, let events): events.count * MemoryLayout<LoopEvent>.stride
        case .loops(_, let loops): loops.count * MemoryLayout<LoopState>.stride
        case .invocationStarted(let record), .invocationEnded(let record):
            MemoryLayout<InvocationRecord>.stride + record.logTail.utf8.count + (record.errorMessage?.utf8.count ?? 0)
                + (record.stackTrace?.utf8.count ?? 0)
        case .environmentPrinted(_, let output): Self.usual + output.output.text.utf8.count
        case .findings(let findings, _): findings.count * Self.usual
        case .function, .environmentStarted, .environmentUpdated, .freeze, .imports: Self.usual
        }
    }

    /// Of what has a few texts of a line or two.
    private static var usual: Int { 1024 }
}
