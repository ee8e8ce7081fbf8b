internal import LoopModel

/// An environment as a row.
enum EnvironmentRow {
    static let columns = """
        environment.uid, function.name, environment.host, environment.loop, environment.start, environment.cause,
            environment.startedAt, environment.pythonVersion, environment.processID, environment.descriptorLimit,
            environment.descriptorsAtReady, environment.disabledHooks, environment.endedAt, environment.endReason,
            environment.predecessor, environment.logStream, environment.shutdownReason
        """

    static let source = "environment CROSS JOIN function ON function.id = environment.function"

    static func read(_ row: PreparedStatement) -> EnvironmentRecord {
        var record = EnvironmentRecord(
            id: EnvironmentID(rawValue: row.text()),
            function: FunctionName(sanitizing: row.text()),
            host: HostProfile(rawValue: row.text()),
            loop: LoopImplementation(rawValue: row.text()) ?? .asyncio,
            start: StartMode(rawValue: row.text()) ?? .spawn,
            cause: ColdStartCause(rawValue: row.text()) ?? .first,
            startedAt: WallTime(nanoseconds: row.int64())
        )
        record.pythonVersion = row.text()
        record.processID = Int32(clamping: row.int64())
        record.descriptorLimit = row.int()
        record.descriptorsAtReady = row.int()
        record.disabledHooks = Lines.split(row.text())
        record.endedAt = row.optionalInt64().map { WallTime(nanoseconds: $0) }
        record.end = row.optionalText()
        record.predecessor = row.optionalText().map { EnvironmentID(rawValue: $0) }
        record.inheritedLogStream = row.optionalText()
        record.shutdownReason = row.optionalText().flatMap { ShutdownReason(rawValue: $0) }
        return record
    }
}
