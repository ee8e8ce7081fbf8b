import LoopModel
import LoopRules
import LoopStore

extension RuleBook {
    /// Judges an environment's life as it is in the store: the same stretches, and so the same findings, as live.
    func findings(replaying environment: ReplayedEnvironment) throws -> [Finding] {
        var ledger = Ledger()
        var earlier: [Int: InvocationID] = [:]
        var found: [Finding] = []
        try environment.forEachSegment { segment in
            let invocation = segment.invocation.flatMap { record -> InvocationReference? in
                guard let ordinal = record.ordinal, let outcome = record.outcome else { return nil }
                return InvocationReference(id: record.id, ordinal: ordinal, outcome: outcome)
            }
            let timeline = Timeline(
                environment: environment.record,
                invocation: invocation,
                earlier: earlier,
                before: ledger,
                events: segment.events
            )
            found += findings(in: timeline)
            ledger = timeline.after
            if let invocation { earlier[invocation.ordinal] = invocation.id }
        }
        return found
    }
}
