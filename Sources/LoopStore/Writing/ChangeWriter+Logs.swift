internal import LoopModel

extension ChangeWriter {
    /// Notes what the log of an invocation needs beside its record.
    func write(logOf record: InvocationRecord) throws {
        let log = record.log
        guard !log.isEmpty, let id = try invocationID(record.id) else { return }
        let statement = try prepared(
            "INSERT OR REPLACE INTO invocationLog (invocation, startedAt, trace, times) VALUES (?, ?, ?, ?)"
        )
        statement.bind(id)
        statement.bind(log.startedAt?.nanoseconds)
        statement.bind(log.trace)
        statement.bind(LoggedText(times: log.times).encodedTimes)
        try statement.run()
    }

    /// Notes how an environment's log is written; what was noted first stands.
    func write(logStyleOf record: EnvironmentRecord) throws {
        guard let style = record.logStyle else { return }
        let statement = try prepared(
            """
            INSERT INTO logStyle (environment, memory, format, systemLevel, region) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (environment) DO NOTHING
            """
        )
        statement.bind(try environmentID(record.id))
        statement.bind(style.memory)
        statement.bind(style.format.rawValue)
        statement.bind(style.systemLevel.rawValue)
        statement.bind(style.region)
        try statement.run()
    }

    func write(_ output: EnvironmentOutput, of environment: EnvironmentID) throws {
        let id = try environmentID(environment)
        let statement = try prepared(
            "INSERT INTO environmentOutput (environment, phase, at, times, text) VALUES (?, ?, ?, ?, ?)"
        )
        statement.bind(id)
        statement.bind(output.phase.rawValue)
        statement.bind(output.at.nanoseconds)
        statement.bind(output.output.encodedTimes)
        statement.bind(output.output.text)
        try statement.run()
    }

    /// Deletes some of what environments have printed outside of invocations; the rest goes with its invocation.
    func pruneOutput(before moment: WallTime, maximumRows: Int) throws -> Int {
        let statement = try prepared(
            """
            DELETE FROM environmentOutput WHERE id IN (
                SELECT id FROM environmentOutput WHERE at < ? ORDER BY at LIMIT ?
            )
            """
        )
        statement.bind(moment.nanoseconds)
        statement.bind(maximumRows)
        return try statement.run()
    }
}
