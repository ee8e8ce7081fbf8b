internal import LoopModel

/// What a group of changes, looked at as a whole, spares: rows written twice in one transaction.
struct CommitPlan {
    /// Invocations that end in the group; their begin needs no row of its own.
    private(set) var ended: Set<InvocationID> = []
    /// The events judged with each invocation.
    private(set) var events: [InvocationID: Range<Int64>] = [:]
    /// The same themselves, of invocations of which all are told at once.
    private(set) var told: [InvocationID: [LoopEvent]] = [:]

    init(_ changes: [HistoryStore.Change]) {
        for change in changes {
            switch change {
            case .invocationEnded(let record): ended.insert(record.id)
            case .events(_, let invocation?, let list):
                guard let range = Self.range(of: list) else { continue }
                if let known = events[invocation] {
                    events[invocation] = Self.union(known, range)
                    told[invocation] = nil
                } else {
                    events[invocation] = range
                    told[invocation] = list
                }
            default: continue
            }
        }
    }

    /// From the first event to the one after the last; nil when there are none.
    static func range(of events: [LoopEvent]) -> Range<Int64>? {
        guard let first = events.first?.sequence, let last = events.last?.sequence, first <= last else { return nil }
        return first..<last + 1
    }

    private static func union(_ left: Range<Int64>, _ right: Range<Int64>) -> Range<Int64> {
        min(left.lowerBound, right.lowerBound)..<max(left.upperBound, right.upperBound)
    }
}
