internal import GRDB
internal import LoopModel

/// A question for lines of logs: goes back in time, page by page, until it has as many as are wanted or has taken long.
struct LogQuery {
    /// Invocations in one page; each has some lines.
    private static let page = 200
    /// How long before its lines an invocation may have been asked for, in nanoseconds: AWS Lambda's longest time limit,
    /// and as much for waiting and loading.
    private static let longest: Int64 = 2 * 900_000_000_000

    private let filter: LogFilter

    init(_ filter: LogFilter) { self.filter = filter }

    /// The newest lines.
    ///
    /// - Parameters:
    ///   - database: where to read.
    ///   - deadline: when to stop, which is after the next page.
    /// - Returns: those that were found by then.
    /// - Throws: SQLite's errors.
    func excerpt(_ database: Database, until deadline: ContinuousClock.Instant) throws -> LogExcerpt {
        let oldest = filter.since.map { $0.nanoseconds - Self.longest } ?? Int64.min
        var (lines, older): ([LogLine], LogPlace?) = ([], nil)
        // The moment and the row before which everything is still to be read.
        var (end, last) = (filter.until?.nanoseconds ?? Int64.max, Int64.max)
        if let before = filter.before { (end, last) = (before.at.nanoseconds, before.row) }
        while true {
            let page = try invocations(database, from: oldest, before: end, last)
            let isDone = page.count < Self.page
            let start = isDone ? oldest : page.last?.part.at.nanoseconds ?? oldest
            var parts: [LogPart] = []
            if filter.invocation == nil {
                parts += try starts(database, from: start, before: end)
                parts += try outputs(database, from: start, before: end)
            }
            // Of one instant, what an environment says of itself comes first.
            parts += page.reversed().map(\.part)
            parts.sort { $0.at < $1.at }
            lines = parts.flatMap(\.lines).filter(filter.matches) + lines
            guard let earliest = page.last, !isDone else { break }
            if lines.count(where: { $0.at.nanoseconds >= start }) >= filter.limit { break }
            (end, last) = (start, earliest.row)
            guard ContinuousClock.now < deadline else {
                older = LogPlace(at: earliest.part.at, row: last)
                break
            }
        }
        return LogExcerpt(lines: Array(lines.inOrder.suffix(filter.limit)), older: older)
    }

    // MARK: Invocations

    private func invocations(
        _ database: Database,
        from start: Int64,
        before end: Int64,
        _ last: Int64
    ) throws -> [(row: Int64, part: LogPart)] {
        if filter.function == nil, filter.environment == nil, filter.invocation == nil {
            return try invocationsOfAll(database, from: start, before: end, last)
        }
        // An id, or an environment, says more than a function: its index is to be left alone.
        let isFound = filter.environment != nil || filter.invocation != nil
        var conditions = [
            "\(isFound ? "+" : "")invocation.requestedAt >= ?", Self.isEarlier, "invocation.environment IS NOT NULL",
        ]
        if filter.function != nil {
            conditions.append("\(isFound ? "+" : "")invocation.function = (SELECT id FROM function WHERE name = ?)")
        }
        if filter.environment != nil {
            conditions.append(
                "invocation.environment IN (SELECT id FROM environment WHERE \(Prefix.condition("uid")))"
            )
        }
        if filter.invocation != nil {
            conditions.append(
                "(\(Prefix.condition("invocation.uid")) OR \(Prefix.condition("invocation.requestUID")))"
            )
        }
        let statement = try PreparedStatement(
            database,
            """
            \(Self.selectInvocations) WHERE \(conditions.joined(separator: " AND "))
            ORDER BY invocation.requestedAt DESC, invocation.id DESC LIMIT \(Self.page)
            """
        )
        bind(start, end, last, to: statement)
        if let function = filter.function { statement.bind(function.rawValue) }
        for _ in 0..<2 { if let environment = filter.environment { statement.bind(environment) } }
        for _ in 0..<4 { if let invocation = filter.invocation { statement.bind(invocation) } }
        return try statement.all(Self.invocation)
    }

    private func invocationsOfAll(
        _ database: Database,
        from start: Int64,
        before end: Int64,
        _ last: Int64
    ) throws -> [(row: Int64, part: LogPart)] {
        var functions = try FunctionMerge(
            database,
            .newestFirst,
            """
            SELECT invocation.requestedAt, invocation.id, 0 FROM invocation
            WHERE invocation.function = ? AND invocation.requestedAt >= ? AND \(Self.isEarlier)
                AND invocation.environment IS NOT NULL
            ORDER BY invocation.requestedAt DESC, invocation.id DESC
            """
        ) { bind(start, end, last, to: $0) }
        let statement = try PreparedStatement(database, "\(Self.selectInvocations) WHERE invocation.id = ?")
        return try functions.next(Self.page).compactMap { key in
            statement.bind(key.first)
            return try statement.first(Self.invocation)
        }
    }

    /// To be bound to a moment and a row: what came before both.
    private static let isEarlier = "(invocation.requestedAt, invocation.id) < (?, ?)"

    private func bind(_ start: Int64, _ end: Int64, _ last: Int64, to statement: PreparedStatement) {
        statement.bind(start)
        statement.bind(end)
        statement.bind(last)
    }

    private static let selectInvocations = """
        SELECT \(InvocationRow.columns), invocation.id, invocationLog.startedAt, invocationLog.trace,
            invocationLog.times, \(environmentColumns)
        FROM \(InvocationRow.source)
            LEFT JOIN invocationLog ON invocationLog.invocation = invocation.id
            LEFT JOIN logStyle ON logStyle.environment = environment.id
        """

    private static func invocation(_ row: PreparedStatement) -> (row: Int64, part: LogPart) {
        var record = InvocationRow.read(row)
        let number = row.int64()
        record.log.startedAt = row.optionalInt64().map { WallTime(nanoseconds: $0) }
        record.log.trace = row.optionalText()
        record.log.times = LoggedText(text: "", encodedTimes: row.text()).times
        let part = LogPart(
            function: record.function,
            environment: environment(row),
            subject: .invocation(record),
            output: record.output,
            at: record.requestedAt
        )
        return (number, part)
    }

    // MARK: Environments

    private func starts(_ database: Database, from start: Int64, before end: Int64) throws -> [LogPart] {
        try parts(
            database,
            "NULL, NULL, NULL",
            "environment",
            "environment.startedAt",
            from: start,
            before: end
        )
    }

    private func outputs(_ database: Database, from start: Int64, before end: Int64) throws -> [LogPart] {
        try parts(
            database,
            "environmentOutput.phase, environmentOutput.text, environmentOutput.times",
            "environmentOutput JOIN environment ON environment.id = environmentOutput.environment",
            "environmentOutput.at",
            from: start,
            before: end
        )
    }

    private func parts(
        _ database: Database,
        _ columns: String,
        _ source: String,
        _ time: String,
        from start: Int64,
        before end: Int64
    ) throws -> [LogPart] {
        var conditions = ["\(time) >= ?", "\(time) < ?"]
        if filter.function != nil { conditions.append("function.name = ?") }
        if filter.environment != nil { conditions.append(Prefix.condition("environment.uid")) }
        let statement = try PreparedStatement(
            database,
            """
            SELECT \(columns), \(time), function.name, \(Self.environmentColumns)
            FROM \(source) JOIN function ON function.id = environment.function
                LEFT JOIN logStyle ON logStyle.environment = environment.id
            WHERE \(conditions.joined(separator: " AND ")) ORDER BY \(time) DESC LIMIT \(filter.text == nil ? filter.limit : -1)
            """
        )
        statement.bind(start)
        statement.bind(end)
        if let function = filter.function { statement.bind(function.rawValue) }
        for _ in 0..<2 { if let environment = filter.environment { statement.bind(environment) } }
        return try statement.all { row in
            let phase = row.optionalText().flatMap { OutputPhase(rawValue: $0) }
            let output = LoggedText(text: row.text(), encodedTimes: row.text())
            let at = WallTime(nanoseconds: row.int64())
            let function = FunctionName(sanitizing: row.text())
            return LogPart(
                function: function,
                environment: Self.environment(row),
                subject: phase.map { .phase($0) } ?? .start,
                output: output,
                at: at
            )
        }
    }

    // MARK: An environment as lines need it

    private static let environmentColumns = """
        environment.uid, environment.startedAt, environment.pythonVersion, logStyle.memory, logStyle.format,
            logStyle.systemLevel, logStyle.region, environment.logStream, environment.cause
        """

    private static func environment(_ row: PreparedStatement) -> LoggedEnvironment {
        let id = EnvironmentID(rawValue: row.text())
        var environment = LoggedEnvironment(id: id, startedAt: WallTime(nanoseconds: row.int64()))
        environment.pythonVersion = row.text()
        if let memory = row.optionalInt() { environment.memory = memory }
        if let format = LogFormat(rawValue: row.text()) { environment.format = format }
        if let level = LogLevel(rawValue: row.text()) { environment.systemLevel = level }
        if let region = row.optionalText() { environment.region = region }
        environment.inheritedLogStream = row.optionalText()
        if let cause = ColdStartCause(rawValue: row.text()) { environment.cause = cause }
        return environment
    }
}
