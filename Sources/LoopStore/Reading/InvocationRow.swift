internal import LoopModel

/// An invocation as a row.
enum InvocationRow {
    static let columns = """
        invocation.uid, function.name, environment.uid, invocation.ordinal, invocation.isCold, invocation.cause,
            invocation.outcome, invocation.errorType, invocation.errorMessage, invocation.stackTrace,
            invocation.requestedAt, invocation.queued, invocation.initialization, invocation.duration,
            invocation.requestSize, invocation.responseSize, invocation.logTail, invocation.run, invocation.inits,
            invocation.peakMemory, invocation.exceededMemory,
            (SELECT sum(thawedMonotonic - frozenMonotonic) FROM freezeSpan
                WHERE freezeSpan.environment = invocation.environment
                    AND freezeSpan.following = invocation.ordinal - 1),
            invocation.requestUID, invocation.attempt
        """

    static let source = """
        invocation CROSS JOIN function ON function.id = invocation.function
            LEFT JOIN environment ON environment.id = invocation.environment
        """

    static func read(_ row: PreparedStatement) -> InvocationRecord {
        let id = InvocationID(rawValue: row.text())
        let function = FunctionName(sanitizing: row.text())
        let environment = row.optionalText().map { EnvironmentID(rawValue: $0) }
        let ordinal = row.optionalInt()
        let isCold = row.bool()
        let cause = row.optionalText().flatMap { ColdStartCause(rawValue: $0) }
        let outcome = row.optionalText().flatMap { Outcome(rawValue: $0) }
        let error = (type: row.optionalText(), message: row.optionalText(), stackTrace: row.optionalText())
        var record = InvocationRecord(id: id, function: function, requestedAt: WallTime(nanoseconds: row.int64()))
        record.environment = environment
        record.ordinal = ordinal
        record.isCold = isCold
        record.cause = cause
        record.outcome = outcome
        record.errorType = error.type
        record.errorMessage = error.message
        record.stackTrace = error.stackTrace
        record.queued = .nanoseconds(row.int64())
        record.initialization = row.optionalInt64().map { .nanoseconds($0) }
        record.duration = .nanoseconds(row.int64())
        record.requestSize = row.int()
        record.responseSize = row.int()
        record.logTail = row.text()
        record.run = row.optionalText().map { RunName(stored: $0) }
        record.inits = row.optionalText().map(InitReport.list) ?? []
        record.peakMemory = row.optionalInt()
        record.exceededMemory = row.optionalInt()
        record.frozen = row.optionalInt64().map { .nanoseconds($0) }
        record.requestID = row.optionalText().map { InvocationID(rawValue: $0) }
        record.attempt = row.optionalInt()
        return record
    }
}
