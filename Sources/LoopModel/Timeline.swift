/// A stretch of one environment's life that rules judge as one: everything since the stretch before, up to the end
/// of an invocation or of the environment.
///
/// Faults cross invocations, so it has two parts: the ledger as it stood at the start, and the events since.
package struct Timeline: Sendable {
    package var environment: EnvironmentRecord
    /// The invocation that ended the stretch; nil when the environment's end did.
    package var invocation: InvocationReference?
    /// Earlier invocations of the environment, for events that belong to them; by ordinal.
    package var earlier: [Int: InvocationID]
    package var before: Ledger
    package var events: [LoopEvent]
    /// ``before`` with ``events`` applied.
    package private(set) var after: Ledger

    package init(
        environment: EnvironmentRecord,
        invocation: InvocationReference?,
        earlier: [Int: InvocationID] = [:],
        before: Ledger,
        events: [LoopEvent]
    ) {
        self.environment = environment
        self.invocation = invocation
        self.earlier = earlier
        self.before = before
        self.events = events
        var ledger = before
        for event in events { ledger.apply(event) }
        after = ledger
    }

    /// The id of an invocation of this environment, where it is known.
    package func invocationID(of ordinal: Int?) -> InvocationID? {
        guard let ordinal else { return nil }
        return ordinal == invocation?.ordinal ? invocation?.id : earlier[ordinal]
    }
}

/// An invocation as others point to it.
package struct InvocationReference: Hashable, Sendable {
    package var id: InvocationID
    /// Counted from 0 in its environment.
    package var ordinal: Int
    package var outcome: Outcome

    package init(id: InvocationID, ordinal: Int, outcome: Outcome) {
        self.id = id
        self.ordinal = ordinal
        self.outcome = outcome
    }
}
