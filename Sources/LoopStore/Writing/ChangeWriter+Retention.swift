internal import LoopModel

extension ChangeWriter {
    /// Deletes about as many rows of the oldest history as allowed.
    ///
    /// - Returns: how many rows were deleted; 0: there is nothing left to delete.
    func prune(before moment: WallTime, maximumRows: Int) throws -> Int {
        // Half for invocations and half for what goes with them, so that the rest of an old invocation does not stay
        // while there are young ones to delete.
        var (deleted, reached) = try pruneInvocations(before: moment, maximumRows: (maximumRows + 1) / 2)
        if deleted < maximumRows { deleted += try pruneOutput(before: reached, maximumRows: maximumRows - deleted) }
        if deleted < maximumRows { deleted += try pruneLoops(before: reached, maximumRows: maximumRows - deleted) }
        if deleted < maximumRows {
            deleted += try pruneEnvironments(before: reached, maximumRows: maximumRows - deleted)
        }
        return deleted
    }

    /// - Returns: how many rows were deleted, and the moment before which no invocation is left to delete.
    private func pruneInvocations(
        before moment: WallTime,
        maximumRows: Int
    ) throws -> (deleted: Int, reached: WallTime) {
        let find = try prepared(
            "SELECT environment, firstEvent, endEvent, ordinal, briefLoopAt FROM invocation WHERE id = ?"
        )
        // Most have several rows: a loop's eight events, say.
        let limit = max(1, maximumRows / 8)
        let old = try oldest(Self.oldInvocations, before: moment, limit)
        var deleted = 0
        for key in old {
            guard deleted < maximumRows else { return (deleted, WallTime(nanoseconds: key.time)) }
            find.bind(key.first)
            let invocation = try find.first {
                (
                    environment: $0.optionalInt64(), firstEvent: $0.optionalInt64(), endEvent: $0.optionalInt64(),
                    ordinal: $0.optionalInt64(), briefLoopAt: $0.optionalInt64()
                )
            }
            guard let invocation else { continue }
            if let environment = invocation.environment {
                try run("UPDATE environment SET isTrimmed = 1 WHERE id = ? AND isTrimmed = 0", environment)
                if let ordinal = invocation.ordinal {
                    deleted += try run(
                        "DELETE FROM freezeSpan WHERE environment = ? AND following <= ?",
                        environment,
                        ordinal
                    )
                }
                if let first = invocation.firstEvent, let end = invocation.endEvent {
                    let events = try run(
                        "DELETE FROM loopEvent WHERE environment = ? AND sequence >= ? AND sequence < ?",
                        environment,
                        first,
                        end
                    )
                    totals.events -= events
                    deleted += events
                    deleted += try pruneBatches(
                        "environment = ? AND firstEvent >= ? AND endEvent <= ?",
                        environment,
                        first,
                        end
                    )
                }
            }
            // Each of the events in its row counts as one row, so that a step takes as long as it did.
            let events = try packedRange(of: key.first)?.count ?? 0
            totals.events -= events
            deleted += events
            if invocation.briefLoopAt != nil {
                totals.loops -= 1
                deleted += 1
            }
            deleted += try pruneFindings("DELETE FROM finding WHERE invocation = ?", key.first)
            let invocations = try run("DELETE FROM invocation WHERE id = ?", key.first)
            totals.invocations -= invocations
            deleted += invocations
        }
        // Full to the last: there may be more.
        let last = old.count == limit ? old.last : nil
        return (deleted, last.map { WallTime(nanoseconds: $0.time) } ?? moment)
    }

    private static let oldInvocations = """
        SELECT requestedAt, id, 0 FROM invocation
        WHERE function = ? AND requestedAt < ? AND outcome IS NOT NULL ORDER BY requestedAt, id
        """

    private static let oldLoops = """
        SELECT createdAt, environment, serial FROM loop
        WHERE function = ? AND createdAt < ? AND (closedMonotonic IS NOT NULL OR finalizedMonotonic IS NOT NULL)
        ORDER BY createdAt, environment, serial
        """

    /// The keys of the oldest rows of all functions.
    private func oldest(_ sql: String, before moment: WallTime, _ limit: Int) throws -> [FunctionMerge.Key] {
        var functions = try FunctionMerge(database, .oldestFirst, sql) { $0.bind(moment.nanoseconds) }
        return try functions.next(limit)
    }

    /// Loops that are closed or collected; the others are what the history is for, and go with their environment.
    private func pruneLoops(before moment: WallTime, maximumRows: Int) throws -> Int {
        var loops = 0
        for key in try oldest(Self.oldLoops, before: moment, maximumRows) {
            loops += try run("DELETE FROM loop WHERE environment = ? AND serial = ?", key.first, key.second)
        }
        totals.loops -= loops
        return loops
    }

    private func pruneEnvironments(before moment: WallTime, maximumRows: Int) throws -> Int {
        let find = try prepared(
            """
            SELECT id, uid FROM environment WHERE endedAt < ? AND NOT EXISTS (
                SELECT 1 FROM invocation WHERE invocation.environment = environment.id
            ) ORDER BY endedAt LIMIT ?
            """
        )
        find.bind(moment.nanoseconds)
        find.bind(maximumRows)
        let old = try find.all { (id: $0.int64(), uid: EnvironmentID(rawValue: $0.text())) }
        var deleted = 0
        for environment in old where deleted < maximumRows {
            try run("UPDATE environment SET isTrimmed = 1 WHERE id = ? AND isTrimmed = 0", environment.id)
            let events = try run(
                """
                DELETE FROM loopEvent WHERE environment = ?1 AND sequence IN (
                    SELECT sequence FROM loopEvent WHERE environment = ?1 ORDER BY sequence LIMIT ?2
                )
                """,
                environment.id,
                Int64(maximumRows)
            )
            totals.events -= events
            deleted += events
            guard deleted < maximumRows else { break }
            deleted += try pruneBatches("environment = ?", environment.id)
            let loops = try run("DELETE FROM loop WHERE environment = ?", environment.id)
            totals.loops -= loops
            deleted += loops
            deleted += try pruneFindings("DELETE FROM finding WHERE environment = ?", environment.id)
            deleted += try run("DELETE FROM freezeSpan WHERE environment = ?", environment.id)
            let environments = try run("DELETE FROM environment WHERE id = ?", environment.id)
            totals.environments -= environments
            deleted += environments
            self.environments.forget(environment.uid)
        }
        return deleted
    }

    /// - Returns: how many events were deleted.
    private func pruneBatches(_ condition: String, _ arguments: Int64...) throws -> Int {
        let delete = try prepared("DELETE FROM eventBatch WHERE \(condition) RETURNING endEvent - firstEvent")
        for argument in arguments { delete.bind(argument) }
        let events = try delete.all { $0.int() }.reduce(0, +)
        totals.events -= events
        return events
    }

    private func pruneFindings(_ sql: String, _ id: Int64) throws -> Int {
        let findings = try run(sql, id)
        totals.findings -= findings
        return findings
    }

    @discardableResult
    private func run(_ sql: String, _ arguments: Int64...) throws -> Int {
        let statement = try prepared(sql)
        for argument in arguments { statement.bind(argument) }
        return try statement.run()
    }
}
