internal import LoopModel

/// A loop that has no row, as the row of the invocation in which it lived.
enum BriefLoopRow {
    static let columns = "function.name, environment.uid, invocation.briefLoopAt, invocation.events"

    static let source = """
        invocation CROSS JOIN function ON function.id = invocation.function
            CROSS JOIN environment ON environment.id = invocation.environment
        """

    /// - Throws: ``StoreFailure/corrupt(reason:)``, and SQLite's errors.
    static func read(_ row: PreparedStatement, _ shared: SharedValues) throws -> LoopRecord {
        let function = FunctionName(sanitizing: row.text())
        let environment = EnvironmentID(rawValue: row.text())
        let createdAt = WallTime(nanoseconds: row.int64())
        // What came before the invocation does not matter: nothing but its own events was ever told of the loop.
        var ledger = Ledger()
        for event in try PackedEvents.events(in: row.optionalBytes() ?? [], shared) { ledger.apply(event) }
        guard let state = ledger.ordered.first else {
            throw StoreFailure.corrupt(reason: "an invocation's events do not tell of its loop")
        }
        return LoopRecord(
            function: function,
            environment: environment,
            state: state,
            isLeaked: false,
            createdAt: createdAt
        )
    }
}
