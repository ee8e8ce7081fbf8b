internal import GRDB
package import LoopModel

/// The queue of events that nobody waits for.
extension HistoryStore {
    /// Takes an event into the queue; when it returns, the event survives what the durability says.
    ///
    /// - Throws: ``StoreFailure``.
    package func enqueue(_ event: QueuedEvent) throws {
        let sql = """
            INSERT INTO queuedEvent (uid, function, payload, clientContext, traceID, requestedAt, tries, dueAt)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """
        try change(sql) { insert in
            insert.bind(event.id.rawValue)
            insert.bind(event.function.rawValue)
            insert.bind(event.payload)
            insert.bind(event.clientContext)
            insert.bind(event.traceID)
            insert.bind(event.requestedAt.nanoseconds)
            insert.bind(event.tries)
            insert.bind(event.dueAt.nanoseconds)
        }
    }

    /// Notes how often an event was tried, and when it is due again.
    ///
    /// - Throws: ``StoreFailure``.
    package func postpone(_ event: QueuedEvent) throws {
        try change("UPDATE queuedEvent SET tries = ?, dueAt = ? WHERE uid = ?") { update in
            update.bind(event.tries)
            update.bind(event.dueAt.nanoseconds)
            update.bind(event.id.rawValue)
        }
    }

    /// Takes an event out of the queue; does nothing when it is not there.
    ///
    /// - Throws: ``StoreFailure``.
    package func dequeue(_ id: InvocationID) throws {
        try change("DELETE FROM queuedEvent WHERE uid = ?") { $0.bind(id.rawValue) }
    }

    /// Runs one statement in a transaction of its own.
    private func change(_ sql: String, _ bind: (PreparedStatement) -> Void) throws {
        try writing { writer in
            _ = try writer.transaction {
                let statement = try writer.prepared(sql)
                bind(statement)
                try statement.run()
            }
        }
    }

    /// The queue's head: the events that are due first, whenever that is.
    ///
    /// - Throws: ``StoreFailure``.
    package func queuedEvents(limit: Int) async throws -> [QueuedEvent] {
        try await reading { database in
            let select = try PreparedStatement(
                database,
                """
                SELECT uid, function, payload, clientContext, traceID, requestedAt, tries, dueAt FROM queuedEvent
                ORDER BY dueAt, id LIMIT ?
                """
            )
            select.bind(limit)
            return try select.all { row in
                var event = QueuedEvent(
                    id: InvocationID(rawValue: row.text()),
                    function: FunctionName(sanitizing: row.text()),
                    payload: row.text(),
                    clientContext: row.optionalText(),
                    traceID: row.optionalText(),
                    requestedAt: WallTime(nanoseconds: row.int64())
                )
                event.tries = row.int()
                event.dueAt = WallTime(nanoseconds: row.int64())
                return event
            }
        }
    }

    /// How many events wait, those that are being tried included, and when the oldest of them came.
    ///
    /// - Throws: ``StoreFailure``.
    package func queueBacklog() async throws -> (count: Int, oldest: WallTime?) {
        try await reading { database in
            let select = try PreparedStatement(database, "SELECT count(*), min(requestedAt) FROM queuedEvent")
            return try select.first { row in
                (row.int(), row.optionalInt64().map { WallTime(nanoseconds: $0) })
            } ?? (0, nil)
        }
    }
}
