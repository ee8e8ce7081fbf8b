internal import LoopModel

extension ChangeWriter {
    func write(_ configuration: FunctionConfiguration, at moment: WallTime) throws {
        let id = try functionID(configuration.name)
        let statement = try prepared(
            """
            UPDATE function SET root = ?, source = ?, runtime = ?, handler = ?, python = ?, timeout = ?,
                initTimeout = ?, memory = ?, environmentNames = ?, host = ?, loop = ?, start = ?, keepAlive = ?,
                concurrency = ?, queue = ?, description = ?, updatedAt = ?
            WHERE id = ?
            """
        )
        statement.bind(configuration.root)
        statement.bind(configuration.source)
        statement.bind(configuration.runtime)
        statement.bind(configuration.handler)
        statement.bind(configuration.python)
        statement.bind(configuration.timeout.nanoseconds)
        statement.bind(configuration.initTimeout.nanoseconds)
        statement.bind(configuration.memory)
        statement.bind(configuration.environment.keys.sorted().joined(separator: "\n"))
        statement.bind(configuration.host.rawValue)
        statement.bind(configuration.loop.rawValue)
        statement.bind(configuration.start.rawValue)
        statement.bind(configuration.keepAlive.nanoseconds)
        statement.bind(configuration.concurrency)
        statement.bind(configuration.queue)
        statement.bind(configuration.description)
        statement.bind(moment.nanoseconds)
        statement.bind(id)
        try statement.run()
    }

    func write(_ record: EnvironmentRecord) throws {
        let function = try functionID(record.function)
        let known = try environments[record.id] ?? storedEnvironmentID(record.id)
        let statement =
            try known == nil
            ? prepared(
                """
                INSERT INTO environment (function, host, loop, start, cause, startedAt, pythonVersion, processID,
                    descriptorLimit, descriptorsAtReady, disabledHooks, endedAt, endReason, uid)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
            )
            : prepared(
                """
                UPDATE environment SET function = ?, host = ?, loop = ?, start = ?, cause = ?, startedAt = ?,
                    pythonVersion = ?, processID = ?, descriptorLimit = ?, descriptorsAtReady = ?, disabledHooks = ?,
                    endedAt = ?, endReason = ?
                WHERE uid = ?
                """
            )
        statement.bind(function)
        statement.bind(record.host.rawValue)
        statement.bind(record.loop.rawValue)
        statement.bind(record.start.rawValue)
        statement.bind(record.cause.rawValue)
        statement.bind(record.startedAt.nanoseconds)
        statement.bind(record.pythonVersion)
        statement.bind(Int64(record.processID))
        statement.bind(record.descriptorLimit)
        statement.bind(record.descriptorsAtReady)
        statement.bind(Lines.joined(record.disabledHooks))
        statement.bind(record.endedAt?.nanoseconds)
        statement.bind(record.end)
        statement.bind(record.id.rawValue)
        try statement.run()
        if known == nil {
            environments.rememberInserted(record.id, statement.lastInsertedID)
            totals.environments += 1
        }
        try writeLife(of: record)
    }
}
