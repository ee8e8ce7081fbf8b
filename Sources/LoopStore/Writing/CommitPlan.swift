internal import LoopModel

/// What a group of changes, looked at as a whole, spares: rows written twice in one transaction, and rows that follow
/// from others.
struct CommitPlan {
    /// What a group holds of one invocation.
    struct Part {
        /// Whether it ends in the group; then its begin needs no row of its own.
        var isEnded = false
        /// The sequence numbers of the events judged with it, the last one not included.
        var range: Range<Int64>?
        /// The events themselves, where all are told at once.
        var told: [LoopEvent] = []
        /// The loop that these say all of; it needs no row.
        var brief: BriefLoop?
    }

    /// A loop that lived within one invocation, which has made no other.
    struct BriefLoop {
        var serial: LoopSerial
        var created: Instant
    }

    private var parts: [InvocationID: Part] = [:]

    init(_ changes: [HistoryStore.Change]) {
        // The events that were told last: the loops that follow are those that they have touched.
        var latest: (environment: EnvironmentID, invocation: InvocationID)?
        for change in changes {
            switch change {
            case .invocationEnded(let record): parts[record.id, default: Part()].isEnded = true
            case .events(let environment, let invocation?, let events):
                guard let range = Self.range(of: events) else { continue }
                parts[invocation, default: Part()].add(events, range)
                latest = (environment, invocation)
            case .loops(let environment, let loops):
                if let invocation = latest?.invocation, latest?.environment == environment {
                    parts[invocation]?.look(for: loops)
                }
                latest = nil
            default: continue
            }
        }
    }

    subscript(invocation: InvocationID) -> Part { parts[invocation] ?? Part() }

    /// From the first event to the one after the last; nil when there are none.
    static func range(of events: [LoopEvent]) -> Range<Int64>? {
        guard let first = events.first?.sequence, let last = events.last?.sequence, first <= last else { return nil }
        return first..<last + 1
    }
}

extension CommitPlan.Part {
    fileprivate mutating func add(_ events: [LoopEvent], _ range: Range<Int64>) {
        guard let known = self.range else {
            (self.range, told) = (range, events)
            return
        }
        self.range = min(known.lowerBound, range.lowerBound)..<max(known.upperBound, range.upperBound)
        told = []
        brief = nil
    }

    /// Sees whether one of the loops is the only one that the events have made, and lived in no other.
    fileprivate mutating func look(for loops: [LoopState]) {
        var made: LoopSerial?
        for event in told where event.kind == .created {
            guard made == nil, let serial = event.loop else { return }
            made = serial
        }
        guard let loop = loops.first(where: { $0.serial == made }), loop.isBrief else { return }
        brief = CommitPlan.BriefLoop(serial: loop.serial, created: loop.created.at)
    }
}
