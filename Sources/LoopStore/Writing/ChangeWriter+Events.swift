internal import LoopModel

extension ChangeWriter {
    /// The events as bytes, which must be without holes.
    func packed(_ events: [LoopEvent], _ range: Range<Int64>) throws -> [UInt8] {
        var packed = PackedEvents(range)
        for event in events {
            packed.append(
                event,
                threadName: try event.threadName.map(nameID),
                site: try event.site.map(siteID),
                detail: try event.detail.map(nameID)
            )
        }
        return packed.bytes
    }

    /// Takes down events that were not put into the row of an invocation that was new; those that are there already are
    /// of a commit that is being made again.
    func insert(
        _ events: [LoopEvent],
        of environment: Int64,
        invocation: InvocationID?,
        brief: CommitPlan.BriefLoop?,
        clocks: ClockReading
    ) throws {
        guard let first = events.map(\.sequence).min(), let last = events.map(\.sequence).max() else { return }
        let invocation = try invocation.flatMap(invocationID)
        var known = try batches(of: environment, overlapping: first..<last + 1)
        if let invocation {
            if let range = try packedRange(of: invocation) {
                known.append(range)
            } else if known.isEmpty, let range = PackedEvents.range(of: events) {
                let bytes = try packed(events, range)
                let update = try prepared("UPDATE invocation SET events = ?, briefLoopAt = ? WHERE id = ?")
                update.bind(bytes)
                update.bind(brief.map { clocks.wallTime(of: $0.created).nanoseconds })
                update.bind(invocation)
                try update.run()
                totals.events += events.count
                if let brief { stand(for: brief, of: environment) }
                return
            }
        }
        let missing = events.filter { event in !known.contains { $0.contains(event.sequence) } }
        for stretch in Self.stretches(of: missing) { try insertBatch(stretch, of: environment) }
    }

    private func insertBatch(_ events: [LoopEvent], of environment: Int64) throws {
        guard let range = PackedEvents.range(of: events) else { return }
        let bytes = try packed(events, range)
        let statement = try prepared(
            "INSERT INTO eventBatch (environment, firstEvent, endEvent, events) VALUES (?, ?, ?, ?)"
        )
        statement.bind(environment)
        statement.bind(range.lowerBound)
        statement.bind(range.upperBound)
        statement.bind(bytes)
        try statement.run()
        totals.events += events.count
    }

    private func batches(of environment: Int64, overlapping range: Range<Int64>) throws -> [Range<Int64>] {
        let find = try prepared(
            "SELECT firstEvent, endEvent FROM eventBatch WHERE environment = ? AND firstEvent < ? AND endEvent > ?"
        )
        find.bind(environment)
        find.bind(range.upperBound)
        find.bind(range.lowerBound)
        return try find.all { $0.int64()..<$0.int64() }
    }

    /// The sequence numbers of the events in the row of an invocation; nil when there are none.
    func packedRange(of invocation: Int64) throws -> Range<Int64>? {
        let find = try prepared("SELECT substr(events, 1, 20) FROM invocation WHERE id = ?")
        find.bind(invocation)
        return try find.first { try $0.optionalBytes().map { try PackedEvents.range(in: $0) } } ?? nil
    }

    /// The events cut where a sequence number is not one more than the one before.
    private static func stretches(of events: [LoopEvent]) -> [[LoopEvent]] {
        var stretches: [[LoopEvent]] = []
        for event in events {
            if let last = stretches.last?.last, event.sequence == last.sequence + 1 {
                stretches[stretches.count - 1].append(event)
            } else {
                stretches.append([event])
            }
        }
        return stretches
    }
}
