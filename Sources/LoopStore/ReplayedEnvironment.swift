internal import GRDB
package import LoopModel

/// One environment's life as it was judged, to be judged again; valid only within the call it is given to.
package struct ReplayedEnvironment {
    package let record: EnvironmentRecord
    let id: Int64
    /// Whether a daemon died before it, so that its end was never judged.
    let isLost: Bool
    let database: Database

    /// What was judged together; the invocation is nil for what came after the last one, up to the environment's end.
    package struct Segment: Hashable, Sendable {
        package var invocation: InvocationRecord?
        package var events: [LoopEvent]

        package init(invocation: InvocationRecord?, events: [LoopEvent]) {
            self.invocation = invocation
            self.events = events
        }
    }

    /// Calls `body` with each stretch of the environment's life in order, reading one at a time.
    ///
    /// - Throws: what `body` throws, and ``StoreFailure``.
    package func forEachSegment(_ body: (Segment) throws -> Void) throws {
        let reader = try EventReader(database, SharedValues(database))
        // Those that never ended, or were closed as lost, were never judged.
        let invocations = try PreparedStatement(
            database,
            """
            SELECT invocation.id, invocation.firstEvent, invocation.endEvent, \(InvocationRow.columns) FROM \(InvocationRow.source)
            WHERE invocation.environment = ? AND invocation.ordinal IS NOT NULL AND invocation.outcome IS NOT NULL
                AND invocation.outcome <> 'lost'
            ORDER BY invocation.ordinal
            """
        )
        invocations.bind(id)
        defer { invocations.reset() }
        var next: Int64 = 0
        while try invocations.step() {
            let row = invocations.int64()
            let first = invocations.optionalInt64()
            let end = invocations.optionalInt64()
            let invocation = InvocationRow.read(invocations)
            guard let first, let end, first < end else {
                try body(Segment(invocation: invocation, events: []))
                continue
            }
            try segmentWithoutInvocation(next..<max(next, first), reader, body)
            try body(Segment(invocation: invocation, events: reader.events(of: id, first..<end, invocation: row)))
            next = end
        }
        let isEndJudged = record.endedAt != nil && !isLost
        try segmentWithoutInvocation(next..<Int64.max, isEvenIfEmpty: isEndJudged, reader, body)
    }

    private func segmentWithoutInvocation(
        _ range: Range<Int64>,
        isEvenIfEmpty: Bool = false,
        _ reader: EventReader,
        _ body: (Segment) throws -> Void
    ) throws {
        let events = try reader.events(of: id, range)
        if !events.isEmpty || isEvenIfEmpty { try body(Segment(invocation: nil, events: events)) }
    }
}
