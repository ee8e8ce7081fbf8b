internal import GRDB

/// The rows of all functions in the order of time, merged from what an index by function and time gives of each.
///
/// So no index by time alone is needed, which would cost the commit of each invocation a page. What is read grows with
/// the number of functions and with what is taken, not with the history.
struct FunctionMerge {
    enum Order {
        case newestFirst
        case oldestFirst
    }

    /// A time, and what tells rows of one time apart and finds them.
    struct Key: Hashable, Comparable {
        var time: Int64
        var first: Int64
        var second: Int64

        static func < (left: Self, right: Self) -> Bool {
            (left.time, left.first, left.second) < (right.time, right.first, right.second)
        }
    }

    private let order: Order
    private var functions: [(statement: PreparedStatement, next: Key)] = []

    /// - Parameters:
    ///   - database: Where to read.
    ///   - order: That of the statement.
    ///   - sql: Selects the three numbers of keys of the function that is its first parameter, in their order.
    ///   - bind: Binds the other parameters.
    /// - Throws: SQLite's errors.
    init(
        _ database: Database,
        _ order: Order,
        _ sql: String,
        bind: (PreparedStatement) -> Void = { _ in }
    ) throws {
        self.order = order
        for function in try PreparedStatement(database, "SELECT id FROM function").all({ $0.int64() }) {
            let statement = try PreparedStatement(database, sql)
            statement.bind(function)
            bind(statement)
            if let key = try Self.key(statement) { functions.append((statement, key)) }
        }
    }

    /// The next of all; nil when there is none left.
    mutating func next() throws -> Key? {
        let best = functions.indices.min {
            let (left, right) = (functions[$0].next, functions[$1].next)
            return order == .oldestFirst ? left < right : right < left
        }
        guard let best else { return nil }
        let key = functions[best].next
        if let next = try Self.key(functions[best].statement) {
            functions[best].next = next
        } else {
            functions.remove(at: best)
        }
        return key
    }

    /// The next ones, at most `limit`.
    mutating func next(_ limit: Int) throws -> [Key] {
        var keys: [Key] = []
        while keys.count < limit, let key = try next() { keys.append(key) }
        return keys
    }

    private static func key(_ statement: PreparedStatement) throws -> Key? {
        try statement.step() ? Key(time: statement.int64(), first: statement.int64(), second: statement.int64()) : nil
    }
}
