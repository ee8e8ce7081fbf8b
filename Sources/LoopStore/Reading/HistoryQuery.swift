internal import GRDB
internal import LoopModel

/// A question to one table, newest first, put together from the parts of a filter that apply.
struct HistoryQuery {
    private var columns: String
    private var source: String
    private var order: String
    private var limit: Int
    private var conditions: [String] = []
    private var arguments: [Argument] = []

    private enum Argument {
        case text(String)
        case integer(Int64)
    }

    private init(columns: String, source: String, order: String, limit: Int) {
        self.columns = columns
        self.source = source
        self.order = order
        self.limit = max(0, limit)
    }

    static func invocations(_ filter: HistoryFilter) -> Self {
        var query = Self(
            columns: InvocationRow.columns,
            source: InvocationRow.source,
            order: "invocation.requestedAt DESC, invocation.id DESC",
            limit: filter.limit
        )
        query.add(function: filter.function, in: "invocation.function")
        query.add(outcome: filter.outcome)
        query.add(isCold: filter.isCold)
        query.add(since: filter.since, until: filter.until, in: "invocation.requestedAt")
        if let run = filter.run { query.add("invocation.run = ?", .text(run.rawValue)) }
        if let rule = filter.rule {
            query.add(
                "EXISTS (SELECT 1 FROM finding WHERE finding.invocation = invocation.id AND finding.rule = ?)",
                .text(rule)
            )
        }
        return query
    }

    static func loops(_ filter: HistoryFilter, state: LoopFilter) -> Self {
        var query = Self(
            columns: LoopRow.columns,
            source: LoopRow.source,
            order: "loop.createdAt DESC, loop.environment DESC, loop.serial DESC",
            limit: filter.limit
        )
        switch state {
        case .all: break
        case .open: query.add("loop.closedMonotonic IS NULL AND loop.finalizedMonotonic IS NULL")
        case .leaked: query.add("loop.isLeaked = 1")
        }
        query.add(function: filter.function, in: "loop.function")
        query.add(run: filter.run, ofEnvironment: "loop.environment")
        query.add(since: filter.since, until: filter.until, in: "loop.createdAt")
        return query
    }

    static func findings(_ filter: HistoryFilter) -> Self {
        var query = Self(
            columns: FindingRow.columns,
            source: FindingRow.source,
            order: "finding.at DESC, finding.id DESC",
            limit: filter.limit
        )
        query.add(function: filter.function, in: "finding.function")
        query.add(run: filter.run, ofEnvironment: "finding.environment")
        if let rule = filter.rule { query.add("finding.rule = ?", .text(rule)) }
        // Looked up for each finding, so that findings are walked in the order of time and not by invocation.
        if let outcome = filter.outcome {
            query.add("(SELECT outcome FROM invocation WHERE id = finding.invocation) = ?", .text(outcome.rawValue))
        }
        if let isCold = filter.isCold {
            query.add("(SELECT isCold FROM invocation WHERE id = finding.invocation) = ?", .integer(isCold ? 1 : 0))
        }
        query.add(since: filter.since, until: filter.until, in: "finding.at")
        return query
    }

    static func alerts(_ filter: HistoryFilter, states: Set<Alert.State>) -> Self {
        var query = Self(
            columns: AlertRow.columns,
            source: AlertRow.source,
            order: "alert.lastSeen DESC, alert.id DESC",
            limit: filter.limit
        )
        query.add("alert.count > 0")
        let wanted = Alert.State.allCases.filter(states.contains).map { "'\($0.rawValue)'" }
        query.add("alert.state IN (\(wanted.joined(separator: ", ")))")
        query.add(function: filter.function, in: "alert.function")
        if let rule = filter.rule { query.add("alert.rule = ?", .text(rule)) }
        query.add(since: filter.since, until: filter.until, in: "alert.lastSeen")
        return query
    }

    var sql: String {
        let narrowed = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
        return "SELECT \(columns) FROM \(source)\(narrowed) ORDER BY \(order) LIMIT \(limit)"
    }

    /// The statement with its arguments bound, to be stepped.
    func statement(_ database: Database) throws -> PreparedStatement {
        let statement = try PreparedStatement(database, sql)
        for argument in arguments {
            switch argument {
            case .text(let text): statement.bind(text)
            case .integer(let integer): statement.bind(integer)
            }
        }
        return statement
    }

    private mutating func add(_ condition: String, _ argument: Argument? = nil) {
        conditions.append(condition)
        if let argument { arguments.append(argument) }
    }

    private mutating func add(function: FunctionName?, in column: String) {
        guard let function else { return }
        add("\(column) = (SELECT id FROM function WHERE name = ?)", .text(function.rawValue))
    }

    /// A simulation has its environments for itself.
    private mutating func add(run: RunName?, ofEnvironment column: String) {
        guard let run else { return }
        add(
            "EXISTS (SELECT 1 FROM invocation WHERE invocation.environment = \(column) AND invocation.run = ?)",
            .text(run.rawValue)
        )
    }

    private mutating func add(outcome: Outcome?) {
        guard let outcome else { return }
        // Spelt out, not bound, and said twice: only so does the planner see that the index of what is not ok serves.
        add("invocation.outcome = '\(outcome.rawValue)'")
        if outcome != .ok { add("invocation.outcome <> 'ok'") }
    }

    private mutating func add(isCold: Bool?) {
        guard let isCold else { return }
        // What never got an environment was neither.
        add("invocation.isCold = \(isCold ? 1 : 0) AND invocation.environment IS NOT NULL")
    }

    /// From `since`, itself included, to before `until`.
    private mutating func add(since: WallTime?, until: WallTime?, in column: String) {
        if let since { add("\(column) >= ?", .integer(since.nanoseconds)) }
        if let until { add("\(column) < ?", .integer(until.nanoseconds)) }
    }
}
