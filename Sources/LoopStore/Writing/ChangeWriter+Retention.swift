internal import LoopModel

extension ChangeWriter {
    /// Deletes about as many rows of the oldest history as allowed.
    ///
    /// - Returns: how many rows were deleted; 0: there is nothing left to delete.
    func prune(before moment: WallTime, maximumRows: Int) throws -> Int {
        var deleted = try pruneInvocations(before: moment, maximumRows: maximumRows)
        if deleted < maximumRows { deleted += try pruneOutput(before: moment, maximumRows: maximumRows - deleted) }
        if deleted < maximumRows { deleted += try pruneLoops(before: moment, maximumRows: maximumRows - deleted) }
        if deleted < maximumRows {
            deleted += try pruneEnvironments(before: moment, maximumRows: maximumRows - deleted)
        }
        return deleted
    }

    private func pruneInvocations(before moment: WallTime, maximumRows: Int) throws -> Int {
        let find = try prepared(
            """
            SELECT id, environment, firstEvent, endEvent, ordinal FROM invocation
            WHERE requestedAt < ? AND outcome IS NOT NULL ORDER BY requestedAt LIMIT ?
            """
        )
        find.bind(moment.nanoseconds)
        find.bind(maximumRows)
        let old = try find.all {
            (
                id: $0.int64(), environment: $0.optionalInt64(), firstEvent: $0.optionalInt64(),
                endEvent: $0.optionalInt64(), ordinal: $0.optionalInt64()
            )
        }
        var deleted = 0
        for invocation in old where deleted < maximumRows {
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
                }
            }
            deleted += try pruneFindings("DELETE FROM finding WHERE invocation = ?", invocation.id)
            let invocations = try run("DELETE FROM invocation WHERE id = ?", invocation.id)
            totals.invocations -= invocations
            deleted += invocations
        }
        return deleted
    }

    /// Loops that are closed or collected; the others are what the history is for, and go with their environment.
    private func pruneLoops(before moment: WallTime, maximumRows: Int) throws -> Int {
        let loops = try run(
            """
            DELETE FROM loop WHERE (environment, serial) IN (
                SELECT environment, serial FROM loop
                WHERE createdAt < ? AND (closedMonotonic IS NOT NULL OR finalizedMonotonic IS NOT NULL)
                ORDER BY createdAt LIMIT ?
            )
            """,
            moment.nanoseconds,
            Int64(maximumRows)
        )
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
