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
    /// How to go by time where no index has all that is asked for in one run.
    private var merge: Merge?

    /// What the keys of a ``FunctionMerge`` are made of.
    private struct Merge {
        var table: String
        /// The column of the time.
        var time: String
        /// The columns by which a row is found: one or two.
        var identity: [String]
    }

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
        // What failed, what was cold and what a simulation did have indexes by time of their own.
        let isIndexed = filter.outcome.map { $0 != .ok } ?? false || filter.isCold == true || filter.run != nil
        if filter.function == nil, !isIndexed {
            query.merge = Merge(table: "invocation", time: "invocation.requestedAt", identity: ["invocation.id"])
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
        query.add(function: filter.function, in: "loop.function", isLeading: filter.run == nil)
        query.add(run: filter.run, ofEnvironment: "loop.environment")
        query.add(since: filter.since, until: filter.until, in: "loop.createdAt")
        if filter.function == nil, filter.run == nil {
            query.merge = Merge(
                table: "loop",
                time: "loop.createdAt",
                identity: ["loop.environment", "loop.serial"]
            )
        }
        return query
    }

    /// The loops that have no row; none of them is open or leaked.
    static func briefLoops(_ filter: HistoryFilter) -> Self {
        var query = Self(
            columns: BriefLoopRow.columns,
            source: BriefLoopRow.source,
            order: "invocation.briefLoopAt DESC, invocation.id DESC",
            limit: filter.limit
        )
        query.add("invocation.briefLoopAt IS NOT NULL")
        query.add(function: filter.function, in: "invocation.function", isLeading: filter.run == nil)
        if let run = filter.run { query.add("invocation.run = ?", .text(run.rawValue)) }
        query.add(since: filter.since, until: filter.until, in: "invocation.briefLoopAt")
        if filter.function == nil, filter.run == nil {
            query.merge = Merge(table: "invocation", time: "invocation.briefLoopAt", identity: ["invocation.id"])
        }
        return query
    }

    static func findings(_ filter: HistoryFilter) -> Self {
        var query = Self(
            columns: FindingRow.columns,
            source: FindingRow.source,
            order: "finding.at DESC, finding.id DESC",
            limit: filter.limit
        )
        query.add(function: filter.function, in: "finding.function", isLeading: filter.run == nil)
        query.add(run: filter.run, ofEnvironment: "finding.environment")
        if let rule = filter.rule { query.add("\(filter.run == nil ? "" : "+")finding.rule = ?", .text(rule)) }
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

    /// The rows that are asked for.
    func all<Value>(_ database: Database, _ read: (PreparedStatement) throws -> Value) throws -> [Value] {
        if let merge { return try merged(merge, database, read) }
        let statement = try PreparedStatement(database, sql)
        bind(to: statement)
        return try statement.all(read)
    }

    /// The statement that goes through the rows; where functions are merged, for one of them, its first parameter.
    var sql: String {
        guard let merge else { return "SELECT \(columns) FROM \(source)\(narrowed) ORDER BY \(order) LIMIT \(limit)" }
        let key = ([merge.time] + merge.identity + ["0"]).prefix(3).joined(separator: ", ")
        let wanted = (["\(merge.table).function = ?"] + conditions).joined(separator: " AND ")
        return "SELECT \(key) FROM \(merge.table) WHERE \(wanted) ORDER BY \(order)"
    }

    private var narrowed: String { conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ") }

    private func merged<Value>(
        _ merge: Merge,
        _ database: Database,
        _ read: (PreparedStatement) throws -> Value
    ) throws -> [Value] {
        var functions = try FunctionMerge(database, .newestFirst, sql, bind: bind)
        let identity = merge.identity.map { "\($0) = ?" }.joined(separator: " AND ")
        let row = try PreparedStatement(database, "SELECT \(columns) FROM \(source) WHERE \(identity)")
        return try functions.next(limit).compactMap { key in
            row.bind(key.first)
            if merge.identity.count > 1 { row.bind(key.second) }
            return try row.first(read)
        }
    }

    private func bind(to statement: PreparedStatement) {
        for argument in arguments {
            switch argument {
            case .text(let text): statement.bind(text)
            case .integer(let integer): statement.bind(integer)
            }
        }
    }

    private mutating func add(_ condition: String, _ argument: Argument? = nil) {
        conditions.append(condition)
        if let argument { arguments.append(argument) }
    }

    /// Without `isLeading`, no index that begins with the function is used.
    private mutating func add(function: FunctionName?, in column: String, isLeading: Bool = true) {
        guard let function else { return }
        add("\(isLeading ? "" : "+")\(column) = (SELECT id FROM function WHERE name = ?)", .text(function.rawValue))
    }

    /// A simulation has its environments for itself.
    private mutating func add(run: RunName?, ofEnvironment column: String) {
        guard let run else { return }
        // From the run to its rows: there are few, and walking all rows by time to find them takes seconds.
        add("\(column) IN (SELECT environment FROM invocation WHERE run = ?)", .text(run.rawValue))
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
