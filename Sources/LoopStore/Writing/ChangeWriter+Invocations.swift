internal import LoopModel

extension ChangeWriter {
    /// Does nothing when the row is there: then a failed commit is being made again, or the end came first.
    static let startInvocationSQL = """
        INSERT INTO invocation (function, environment, ordinal, isCold, cause, outcome, errorType, errorMessage,
            stackTrace, requestedAt, queued, initialization, duration, requestSize, responseSize, logTail, firstEvent,
            endEvent, uid, run, peakMemory, exceededMemory, requestUID, attempt, events, briefLoopAt)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (uid) DO NOTHING
        """

    static let endInvocationSQL = """
        UPDATE invocation SET function = ?, environment = ?, ordinal = ?, isCold = ?, cause = ?, outcome = ?,
            errorType = ?, errorMessage = ?, stackTrace = ?, requestedAt = ?, queued = ?, initialization = ?,
            duration = ?, requestSize = ?, responseSize = ?, logTail = ?,
            firstEvent = min(ifnull(firstEvent, ?17), ifnull(?17, firstEvent)),
            endEvent = max(ifnull(endEvent, ?18), ifnull(?18, endEvent)),
            run = ?20, peakMemory = ?21, exceededMemory = ?22, requestUID = ?23, attempt = ?24
        WHERE uid = ?19
        """

    func start(_ record: InvocationRecord) throws {
        try bind(record, events: nil, to: startInvocation)
        startInvocation.bindNull()
        startInvocation.bindNull()
        _ = try insert(record.id)
    }

    func end(_ record: InvocationRecord, _ part: CommitPlan.Part, clocks: ClockReading) throws {
        let packed = try PackedEvents.range(of: part.told).map { try self.packed(part.told, $0) }
        let brief = packed == nil ? nil : part.brief
        try bind(record, events: part.range, to: startInvocation)
        startInvocation.bind(packed)
        startInvocation.bind(brief.map { clocks.wallTime(of: $0.created).nanoseconds })
        // New rows are the rule: a group mostly holds an invocation's begin as well as its end.
        if try insert(record.id) {
            if packed != nil {
                packedInvocations.insert(record.id)
                totals.events += part.told.count
            }
            if let brief, let environment = record.environment {
                try stand(for: brief, of: environmentID(environment))
            }
        } else {
            try bind(record, events: part.range, to: endInvocation)
            try endInvocation.run()
        }
        try writeInits(of: record)
    }

    /// Notes the events of an invocation that does not end in the same group.
    ///
    /// - Throws: ``StoreFailure/unknownInvocation(_:)`` if it has never been told.
    func extend(_ invocation: InvocationID, by events: [LoopEvent]) throws {
        guard let range = CommitPlan.range(of: events) else { return }
        guard let id = try invocationID(invocation) else { throw StoreFailure.unknownInvocation(invocation.rawValue) }
        let statement = try prepared(
            """
            UPDATE invocation SET firstEvent = min(ifnull(firstEvent, ?1), ?1),
                endEvent = max(ifnull(endEvent, ?2), ?2)
            WHERE id = ?3
            """
        )
        statement.bind(range.lowerBound)
        statement.bind(range.upperBound)
        statement.bind(id)
        try statement.run()
    }

    /// Inserts the row that was bound.
    ///
    /// - Returns: whether it was not there.
    private func insert(_ id: InvocationID) throws -> Bool {
        guard try startInvocation.run() == 1 else { return false }
        invocations[id] = startInvocation.lastInsertedID
        totals.invocations += 1
        return true
    }

    private func bind(_ record: InvocationRecord, events: Range<Int64>?, to statement: PreparedStatement) throws {
        let function = try functionID(record.function)
        let environment = try record.environment.map(environmentID)
        statement.bind(function)
        statement.bind(environment)
        statement.bind(record.ordinal)
        statement.bind(record.isCold)
        statement.bind(record.cause?.rawValue)
        statement.bind(record.outcome?.rawValue)
        statement.bind(record.errorType)
        statement.bind(record.errorMessage)
        statement.bind(record.stackTrace)
        statement.bind(record.requestedAt.nanoseconds)
        statement.bind(record.queued.nanoseconds)
        statement.bind(record.initialization?.nanoseconds)
        statement.bind(record.duration.nanoseconds)
        statement.bind(record.requestSize)
        statement.bind(record.responseSize)
        statement.bind(record.logTail)
        statement.bind(events?.lowerBound)
        statement.bind(events?.upperBound)
        statement.bind(record.id.rawValue)
        statement.bind(record.run?.rawValue)
        statement.bind(record.peakMemory)
        statement.bind(record.exceededMemory)
        statement.bind(record.requestID?.rawValue)
        statement.bind(record.attempt)
    }
}
